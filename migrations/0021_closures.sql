-- +goose Up

-- A workshop's contract row that is closed for some months: who ordered it, and until when the window declares that no one worked.
-- next_period is the first month that is not decided yet; it only moves on, in the transaction that decides the month, so that two
-- programs, or one that was killed, decide no month twice.
CREATE TABLE shared.closures (
    workshop_code   text NOT NULL REFERENCES registry.workshops,
    closure_id      uuid NOT NULL,
    contract_row    text NOT NULL CHECK (contract_row ~ '^[0-9]{3}$'),
    first_period    integer NOT NULL CHECK (first_period BETWEEN 130001 AND 150012 AND first_period % 100 BETWEEN 1 AND 12),
    last_period     integer NOT NULL CHECK (last_period BETWEEN 130001 AND 150012 AND last_period % 100 BETWEEN 1 AND 12),
    next_period     integer NOT NULL,
    principal_id    uuid NOT NULL REFERENCES registry.principals,
    idempotency_key text NOT NULL,
    ordered_at      timestamptz NOT NULL,
    ended_at        timestamptz,
    ending          text CHECK (ending IN ('over', 'cancelled', 'list', 'mandate')),
    ended_by_list   uuid,
    PRIMARY KEY (workshop_code, closure_id),
    UNIQUE (workshop_code, principal_id, idempotency_key),
    FOREIGN KEY (workshop_code, ended_by_list) REFERENCES shared.lists,
    CHECK (first_period <= last_period),
    CHECK (next_period >= first_period),
    CHECK ((ended_at IS NULL) = (ending IS NULL)),
    CHECK ((ending = 'list') = (ended_by_list IS NOT NULL)),
    CHECK (next_period <= last_period OR ended_at IS NOT NULL)
);
CREATE UNIQUE INDEX closures_standing ON shared.closures (workshop_code, contract_row) WHERE ended_at IS NULL;
CREATE INDEX closures_due ON shared.closures (next_period) WHERE ended_at IS NULL;

-- What became of each month: declared with a list of its own, skipped because it held a list, or refused.
CREATE TABLE shared.closure_months (
    workshop_code text NOT NULL,
    closure_id    uuid NOT NULL,
    period        integer NOT NULL CHECK (period % 100 BETWEEN 1 AND 12),
    outcome       text NOT NULL CHECK (outcome IN ('filed', 'skipped', 'refused')),
    list_id       uuid,
    code          text NOT NULL DEFAULT '',
    decided_at    timestamptz NOT NULL,
    PRIMARY KEY (workshop_code, closure_id, period),
    FOREIGN KEY (workshop_code, closure_id) REFERENCES shared.closures,
    FOREIGN KEY (workshop_code, list_id) REFERENCES shared.lists,
    CHECK (list_id IS NOT NULL OR outcome = 'refused')
);
