-- +goose Up

CREATE SCHEMA audit;

-- Every receipt, exchange and refusal, with its own digest. The columns beside the document are read from it.
CREATE TABLE audit.log (
    row_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document text NOT NULL,
    digest   bytea NOT NULL CHECK (digest = sha256(convert_to(document, 'UTF8'))),
    action   text NOT NULL GENERATED ALWAYS AS (document::jsonb ->> 'action') STORED,
    subject  text NOT NULL GENERATED ALWAYS AS (document::jsonb ->> 'subject') STORED
);
CREATE INDEX log_subject ON audit.log (subject, row_id);

-- The chain: a position is given at sealing, so that no upload waits for another.
CREATE TABLE audit.seals (
    position   bigint PRIMARY KEY CHECK (position > 0),
    row_id     bigint NOT NULL UNIQUE REFERENCES audit.log,
    row_digest bytea NOT NULL CHECK (length(row_digest) = 32),
    previous   bytea NOT NULL CHECK (length(previous) = 32),
    hash       bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
    sealed_at  timestamptz NOT NULL
);

-- Rows that wait for their seal, so that the sealer never searches the whole log.
CREATE TABLE audit.unsealed (row_id bigint PRIMARY KEY);

-- +goose StatementBegin
CREATE FUNCTION audit.await_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit.unsealed (row_id) VALUES (NEW.row_id);
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER await_seal AFTER INSERT ON audit.log FOR EACH ROW EXECUTE FUNCTION audit.await_seal();

-- +goose StatementBegin
CREATE FUNCTION audit.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
-- +goose StatementEnd
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.log FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.seals FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
