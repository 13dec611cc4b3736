-- name: AppendAudit :exec
INSERT INTO audit.log (document, digest) VALUES (@document, @digest);

-- name: Seal :one
SELECT audit.seal(@most::integer, @sealed_at::timestamptz)::integer AS sealed;

-- name: ChainEnd :one
SELECT position, hash, COALESCE((SELECT max(day) FROM audit.heads), '')::text AS head_day,
    COALESCE((SELECT max(heads.position) FROM audit.heads), 0)::bigint AS head_position
FROM audit.seals ORDER BY position DESC LIMIT 1;

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
