-- +goose Up

-- Roles belong to the whole server, which several databases share: made once, granted to in each.
-- +goose StatementBegin
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['fehrest_sso', 'fehrest_tax', 'fehrest_supervisor'] LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
            END;
        END IF;
        -- The program takes an organisation's role to read as that organisation.
        IF NOT pg_has_role(current_user, name, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO CURRENT_USER', name);
        END IF;
    END LOOP;
END $$;
-- +goose StatementEnd

CREATE SCHEMA registry;

CREATE TABLE registry.employers (
    employer_id text PRIMARY KEY CHECK (employer_id ~ '^[0-9]{8,14}$'),
    name        text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);

-- Nothing is unique on postal_code: several workshops may share one.
CREATE TABLE registry.workshops (
    workshop_code   text PRIMARY KEY CHECK (workshop_code ~ '^[0-9]{10}$'),
    employer_id     text NOT NULL REFERENCES registry.employers,
    name            text NOT NULL,
    address         text NOT NULL DEFAULT '',
    postal_code     text NOT NULL DEFAULT '',
    tax_office_code text NOT NULL DEFAULT '',
    tax_file_no     text NOT NULL DEFAULT '',
    exempt_five     boolean NOT NULL DEFAULT false,
    profile         jsonb NOT NULL DEFAULT '{}',
    created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX workshops_employer ON registry.workshops (employer_id);

CREATE TABLE registry.contracts (
    workshop_code text NOT NULL REFERENCES registry.workshops,
    contract_row  text NOT NULL CHECK (contract_row ~ '^[0-9]{3}$'),
    name          text NOT NULL DEFAULT '',
    created_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workshop_code, contract_row)
);

-- What a worker is asked once, by employer and person, from the newest list an organisation accepted.
CREATE TABLE registry.persons (
    employer_id     text NOT NULL REFERENCES registry.employers,
    person          text NOT NULL,
    start_date      integer,
    education       text,
    employment_type text,
    job_family      text,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (employer_id, person)
);

CREATE TABLE registry.principals (
    principal_id uuid PRIMARY KEY,
    name         text NOT NULL,
    role         text NOT NULL CHECK (role IN ('employer', 'accountant', 'sso', 'tax', 'supervisor', 'operator')),
    created_at   timestamptz NOT NULL DEFAULT now(),
    revoked_at   timestamptz
);

-- The token itself is nowhere: only its SHA-256.
CREATE TABLE registry.tokens (
    token_sha256 bytea PRIMARY KEY CHECK (length(token_sha256) = 32),
    principal_id uuid NOT NULL REFERENCES registry.principals,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    revoked_at   timestamptz
);
CREATE INDEX tokens_principal ON registry.tokens (principal_id);

-- A mandate is over one workshop, or over every workshop an employer has and will have.
CREATE TABLE registry.mandates (
    mandate_id    uuid PRIMARY KEY,
    principal_id  uuid NOT NULL REFERENCES registry.principals,
    employer_id   text REFERENCES registry.employers,
    workshop_code text REFERENCES registry.workshops,
    created_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz,
    revoked_at    timestamptz,
    CHECK (num_nonnulls(employer_id, workshop_code) = 1)
);
CREATE INDEX mandates_principal ON registry.mandates (principal_id);

-- The organisations' keys, pinned at first sight; a new one needs an operator.
CREATE TABLE registry.agency_keys (
    lane      text PRIMARY KEY CHECK (lane IN ('sso', 'tax')),
    keys      jsonb NOT NULL,
    pinned_at timestamptz NOT NULL
);
