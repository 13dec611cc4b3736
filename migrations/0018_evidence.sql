-- +goose Up

-- The minutes in which a program that takes lists was there with this database. A minute without a row after the first one is an
-- outage of the window.
CREATE TABLE shared.heartbeats (
    minute timestamptz PRIMARY KEY CHECK (extract(second FROM minute) = 0)
);

-- Signed records of the window's own outages before a deadline, and what the organisation made of them. A record is never
-- changed; acceptance is told once.
CREATE TABLE shared.outage_records (
    lane            text NOT NULL CHECK (lane IN ('sso', 'tax')),
    period          integer NOT NULL,
    due             text NOT NULL CHECK (due ~ '^\d{4}/\d{2}/\d{2}$'),
    document        jsonb NOT NULL,
    issued_at       timestamptz NOT NULL,
    accepted_at     timestamptz,
    accepted_number text,
    PRIMARY KEY (lane, period, due),
    CHECK ((accepted_at IS NULL) = (accepted_number IS NULL))
);
