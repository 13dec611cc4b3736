-- +goose Up

-- What the chain came to on each day, signed by the window: a tail cut off afterwards shows against it. The day under way grows
-- with every sealing; the signing key lies outside the database.
CREATE TABLE audit.heads (
    day       text PRIMARY KEY CHECK (day ~ '^\d{4}/\d{2}/\d{2}$'),
    position  bigint NOT NULL CHECK (position > 0),
    hash      bytea NOT NULL CHECK (length(hash) = 32),
    key_id    text NOT NULL,
    signature text NOT NULL
);

-- +goose StatementBegin
CREATE FUNCTION audit.only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.day = OLD.day AND NEW.position > OLD.position THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a day head only grows' USING ERRCODE = 'insufficient_privilege';
END $$;
-- +goose StatementEnd
CREATE TRIGGER only_grow BEFORE UPDATE ON audit.heads FOR EACH ROW EXECUTE FUNCTION audit.only_grow();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON audit.heads FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
