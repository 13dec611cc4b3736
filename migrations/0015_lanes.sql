-- +goose Up

-- How each organisation's gateway fares, for every program at once. While a lane is held nothing is sent before held_until, and
-- then one exchange at a time until one is answered. Global.
CREATE TABLE shared.lanes (
    lane       text PRIMARY KEY CHECK (lane IN ('sso', 'tax')),
    failures   integer NOT NULL DEFAULT 0 CHECK (failures >= 0), -- exchanges over different deliveries without an answer, in a row
    failed     uuid, -- the delivery of the last of them
    held_at    timestamptz,
    held_until timestamptz,
    CHECK ((held_at IS NULL) = (held_until IS NULL))
);
INSERT INTO shared.lanes (lane) VALUES ('sso'), ('tax');

-- Since when a delivery is tried; tried anew at a person's word, it has its whole time again.
ALTER TABLE shared.deliveries ADD COLUMN tried_since timestamptz;
