-- +goose Up

-- What persons' months of the tax year came to before this window was used, from archives of the tax files: later months of
-- the year build on it. A month stands only until a list of it is submitted here.
CREATE TABLE shared.past_tax_persons (
    employer_id        text NOT NULL REFERENCES registry.employers,
    tax_file_no        text NOT NULL,
    period             integer NOT NULL CHECK (period BETWEEN 130001 AND 150012 AND period % 100 BETWEEN 1 AND 12),
    person             text NOT NULL,
    taxable            bigint NOT NULL,
    taxable_welfare    bigint NOT NULL,
    before_forgiveness bigint NOT NULL, -- our estimate, unless tax_told
    eidi_exempt        bigint NOT NULL,
    noncash_exempt     bigint NOT NULL,
    tax_told           boolean NOT NULL, -- the archive holds the tax itself
    imported_at        timestamptz NOT NULL,
    PRIMARY KEY (employer_id, tax_file_no, period, person)
);
