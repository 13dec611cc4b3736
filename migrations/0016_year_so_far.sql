-- +goose Up

-- What the year's later months build on: whether the person had pay in the month, and the opening balance that his list told
-- (the ytd_ columns). Of several months that tell one, the first counts: the later months' own figures are known here.
ALTER TABLE shared.tax_month_persons
    ADD COLUMN paid            boolean NOT NULL DEFAULT true,
    ADD COLUMN opening_months  integer NOT NULL DEFAULT 0,
    ADD COLUMN opening_taxable bigint NOT NULL DEFAULT 0,
    ADD COLUMN opening_tax     bigint NOT NULL DEFAULT 0,
    ADD COLUMN opening_eidi    bigint NOT NULL DEFAULT 0,
    ADD COLUMN opening_noncash bigint NOT NULL DEFAULT 0;
