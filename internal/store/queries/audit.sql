-- name: AppendAudit :exec
INSERT INTO audit.log (document, digest) VALUES (@document, @digest);

-- name: TrySealLock :one
SELECT pg_try_advisory_xact_lock(hashtextextended('audit.seals', 0)) AS locked;

-- name: LastSeal :one
SELECT position, hash FROM audit.seals ORDER BY position DESC LIMIT 1;

-- name: Unsealed :many
SELECT log.row_id, log.digest FROM audit.unsealed JOIN audit.log ON log.row_id = unsealed.row_id ORDER BY log.row_id LIMIT @most::integer;

-- name: AddSeals :copyfrom
INSERT INTO audit.seals (position, row_id, row_digest, previous, hash, sealed_at)
VALUES (@position, @row_id, @row_digest, @previous, @hash, @sealed_at);

-- name: Sealed :exec
DELETE FROM audit.unsealed WHERE row_id = ANY(@row_ids::bigint[]);

-- name: Chain :many
SELECT seal.position, seal.row_id, seal.row_digest, seal.previous, seal.hash, COALESCE(log.document, '') AS document
FROM audit.seals seal LEFT JOIN audit.log log ON log.row_id = seal.row_id
WHERE seal.position > @after ORDER BY seal.position LIMIT @most::integer;

-- name: CountUnsealed :one
SELECT count(*) FROM audit.log WHERE NOT EXISTS (SELECT 1 FROM audit.seals WHERE seals.row_id = log.row_id);
