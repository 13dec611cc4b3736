-- name: AppendAudit :exec
INSERT INTO audit.log (document, digest) VALUES (@document, @digest);

-- name: TrySealLock :one
SELECT pg_try_advisory_xact_lock(hashtextextended('audit.seals', 0)) AS locked,
    set_config('idle_in_transaction_session_timeout', '500ms', true) AS cut_off;

-- name: LastSeal :one
SELECT position, hash FROM audit.seals ORDER BY position DESC LIMIT 1;

-- name: Unsealed :many
SELECT log.row_id, log.digest FROM audit.unsealed JOIN audit.log ON log.row_id = unsealed.row_id ORDER BY log.row_id LIMIT @most::integer;

-- name: AddSeals :exec
INSERT INTO audit.seals (position, row_id, row_digest, previous, hash, sealed_at)
SELECT unnest(@positions::bigint[]), unnest(@row_ids::bigint[]), unnest(@row_digests::bytea[]), unnest(@previous::bytea[]), unnest(@hashes::bytea[]),
    @sealed_at::timestamptz;

-- name: Sealed :exec
DELETE FROM audit.unsealed WHERE row_id = ANY(@row_ids::bigint[]);

-- name: LastHead :one
SELECT day, position FROM audit.heads ORDER BY day DESC LIMIT 1;

-- name: KeepHead :exec
INSERT INTO audit.heads AS head (day, position, hash, key_id, signature) VALUES (@day, @position, @hash, @key_id, @signature)
ON CONFLICT (day) DO UPDATE SET position = excluded.position, hash = excluded.hash, key_id = excluded.key_id, signature = excluded.signature
WHERE head.position < excluded.position;

-- name: Heads :many
SELECT day, position, hash, key_id, signature FROM audit.heads WHERE day < @before ORDER BY day DESC LIMIT @most::integer;

-- name: UnsealedRows :one
SELECT count(*) AS rows, COALESCE(min(log.row_id), 0)::bigint AS first, COALESCE(max(log.row_id), 0)::bigint AS last,
    COALESCE(min(log.row_id) FILTER (WHERE NOT EXISTS (SELECT 1 FROM audit.unsealed WHERE unsealed.row_id = log.row_id)), 0)::bigint AS lost
FROM audit.log WHERE NOT EXISTS (SELECT 1 FROM audit.seals WHERE seals.row_id = log.row_id);
