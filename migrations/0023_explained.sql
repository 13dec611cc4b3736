-- +goose Up

-- Why the tax administration's figure of a person differs from the estimate: NULL until it is judged, empty where nothing differs.
ALTER TABLE shared.worker_taxes
    ADD COLUMN cause      text CHECK (cause IN ('', 'months', 'several_employers', 'disputed_parameter', 'unknown')),
    ADD COLUMN proved     boolean NOT NULL DEFAULT false,
    ADD COLUMN readings   text[] NOT NULL DEFAULT '{}',
    ADD COLUMN our_months integer NOT NULL DEFAULT 0 CHECK (our_months >= 0);
CREATE INDEX worker_taxes_unexplained ON shared.worker_taxes (owner, delivery_id) WHERE cause IS NULL;
