-- +goose Up

-- A list whose totals do not fit the SSO's fields is filed as several pairs (LIST-07). The first keeps the list's number; the
-- numbers of the others are taken here for the month, and kept by the list's later versions. An emptied one was filed by an
-- earlier version and has no one in the newest: what the SSO holds under it is to be corrected by hand.
CREATE TABLE shared.part_numbers (
    workshop_code text NOT NULL REFERENCES registry.workshops,
    contract_row  text NOT NULL,
    period        integer NOT NULL,
    list_no       text NOT NULL CHECK (list_no ~ '^[0-9]{2,12}$'),
    of_list_no    text NOT NULL CHECK (of_list_no <> list_no),
    part          integer NOT NULL CHECK (part > 1),
    emptied       boolean NOT NULL DEFAULT false,
    PRIMARY KEY (workshop_code, contract_row, period, list_no),
    UNIQUE (workshop_code, contract_row, period, of_list_no, part)
);
