-- +goose Up

-- What stands of a person in other lists of a month is asked by person; the workshop's lists of a month by its code.
CREATE INDEX lines_person ON shared.lines (person COLLATE "C");
CREATE INDEX lists_month ON shared.lists (workshop_code, period);

-- Who a worker is, by the newest accepted list that told it, beside what he is asked once.
ALTER TABLE registry.persons
    ADD COLUMN first_name      text NOT NULL DEFAULT '',
    ADD COLUMN last_name       text NOT NULL DEFAULT '',
    ADD COLUMN father_name     text NOT NULL DEFAULT '',
    ADD COLUMN birth_date      integer,
    ADD COLUMN names_told      text COLLATE "C",
    ADD COLUMN birth_date_told text COLLATE "C";

-- Lists that were filed elsewhere before this window was used, taken from archives: later lists are compared with them. They
-- are no one's submission, go nowhere, and stand only until a list of the same identity is submitted here.
CREATE TABLE shared.past_lists (
    workshop_code text NOT NULL REFERENCES registry.workshops,
    contract_row  text NOT NULL CHECK (contract_row ~ '^[0-9]{3}$'),
    period        integer NOT NULL CHECK (period BETWEEN 130001 AND 150012 AND period % 100 BETWEEN 1 AND 12),
    list_no       text NOT NULL CHECK (list_no ~ '^[0-9]{2,12}$'),
    imported_at   timestamptz NOT NULL,
    PRIMARY KEY (workshop_code, contract_row, period, list_no)
);
CREATE TABLE shared.past_lines (
    workshop_code text NOT NULL,
    contract_row  text NOT NULL,
    period        integer NOT NULL,
    list_no       text NOT NULL,
    line_row      integer NOT NULL CHECK (line_row > 0),
    person        text NOT NULL,
    name          text NOT NULL,
    days          integer NOT NULL, -- insured
    daily_wage    bigint NOT NULL,  -- without seniority; 0 where the archive does not tell it
    dsw_mash      bigint NOT NULL,
    end_date      integer,
    PRIMARY KEY (workshop_code, contract_row, period, list_no, line_row),
    FOREIGN KEY (workshop_code, contract_row, period, list_no) REFERENCES shared.past_lists ON DELETE CASCADE
);
CREATE INDEX past_lines_person ON shared.past_lines (period, person COLLATE "C");
