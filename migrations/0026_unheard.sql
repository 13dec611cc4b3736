-- +goose Up

-- How often in a row an organisation that had confirmed a delivery's receipt did not know its key, and since when it has refused to be
-- asked for one whose outcome is unknown.
ALTER TABLE shared.deliveries
    ADD COLUMN unknown_there integer NOT NULL DEFAULT 0,
    ADD COLUMN unasked_since timestamptz;
