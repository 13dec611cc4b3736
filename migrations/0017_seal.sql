-- +goose Up

-- Gives at most so many committed rows without a seal theirs, in the order of their ids. One statement by itself: a program that
-- stands still holds the lock no longer than the server needs. A link's hash binds its position (eight bytes, the highest first),
-- its row's digest and the hash before.
-- +goose StatementBegin
CREATE FUNCTION audit.seal(most integer, at timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    place  bigint;
    past   bytea;
    link   bytea;
    waits  record;
    sealed integer := 0;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('audit.seals', 0)) THEN
        RETURN 0;
    END IF;
    SELECT position, hash INTO place, past FROM audit.seals ORDER BY position DESC LIMIT 1;
    IF NOT FOUND THEN
        place := 0;
        past := decode(repeat('00', 32), 'hex');
    END IF;
    FOR waits IN
        WITH next AS (SELECT row_id FROM audit.unsealed ORDER BY row_id LIMIT most),
            gone AS (DELETE FROM audit.unsealed USING next WHERE unsealed.row_id = next.row_id RETURNING unsealed.row_id)
        SELECT log.row_id, log.digest FROM gone JOIN audit.log ON log.row_id = gone.row_id ORDER BY log.row_id
    LOOP
        place := place + 1;
        link := sha256(int8send(place) || waits.digest || past);
        INSERT INTO audit.seals (position, row_id, row_digest, previous, hash, sealed_at)
        VALUES (place, waits.row_id, waits.digest, past, link, at);
        past := link;
        sealed := sealed + 1;
    END LOOP;
    RETURN sealed;
END $$;
-- +goose StatementEnd
