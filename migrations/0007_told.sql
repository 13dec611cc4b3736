-- +goose Up

-- Answers come in any order: which list told a field decides what is kept, by its month and then by when it came.
ALTER TABLE registry.persons
    ADD COLUMN start_date_told      text COLLATE "C",
    ADD COLUMN education_told       text COLLATE "C",
    ADD COLUMN employment_type_told text COLLATE "C",
    ADD COLUMN job_family_told      text COLLATE "C";

-- Two changes of a tax month can be due at the same moment, as all are in the last hour before the deadline: a cut must see
-- that another came after it looked.
ALTER TABLE shared.tax_months ADD COLUMN changes bigint NOT NULL DEFAULT 0;
