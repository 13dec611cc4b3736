-- +goose Up

-- What an imported month says of its persons that all lists of a tax month must agree on (WH 3, 4, 9, 11); null in what was imported
-- before it was kept. Of a person without figures the archive tells no pay that may be counted, only that he stands in the month's file.
ALTER TABLE shared.past_tax_persons
    ADD COLUMN place_status text,
    ADD COLUMN budget_exception text,
    ADD COLUMN housing_use text,
    ADD COLUMN car_use text,
    ADD COLUMN no_figures boolean NOT NULL DEFAULT false;

-- Whether the month's file made here takes the place of the one that was filed outside: it holds all its persons, or someone says that
-- it is to stand alone (replaced_by). Until then the imported persons' figures stand, and a file without some of them does not leave.
CREATE TABLE shared.past_tax_months (
    employer_id text NOT NULL REFERENCES registry.employers,
    tax_file_no text NOT NULL,
    period      integer NOT NULL CHECK (period BETWEEN 130001 AND 150012 AND period % 100 BETWEEN 1 AND 12),
    replaced_at timestamptz,
    replaced_by uuid,
    PRIMARY KEY (employer_id, tax_file_no, period)
);
INSERT INTO shared.past_tax_months (employer_id, tax_file_no, period, replaced_at)
SELECT past.employer_id, past.tax_file_no, past.period, max(month.cut_at) FROM shared.past_tax_persons past
LEFT JOIN (SELECT m.employer_id, m.tax_file_no, m.period, v.cut_at FROM shared.tax_months m
        JOIN shared.tax_month_versions v ON v.tax_month_id = m.tax_month_id) month
    ON month.employer_id = past.employer_id AND month.tax_file_no = past.tax_file_no AND month.period = past.period
GROUP BY past.employer_id, past.tax_file_no, past.period;
