-- name: ReadLane :one
SELECT lane, failures, failed, held_at, held_until FROM shared.lanes WHERE lane = @lane;

-- name: LockLane :one
SELECT lane, failures, failed, held_at, held_until FROM shared.lanes WHERE lane = @lane FOR UPDATE;

-- name: Lanes :many
SELECT lane, failures, failed, held_at, held_until FROM shared.lanes ORDER BY lane;

-- name: TryLane :execrows
UPDATE shared.lanes SET held_until = @until::timestamptz WHERE lane = @lane AND held_until <= @at::timestamptz;

-- name: SaveLane :exec
UPDATE shared.lanes SET failures = @failures, failed = sqlc.narg(failed), held_at = sqlc.narg(held_at), held_until = sqlc.narg(held_until)
WHERE lane = @lane;

-- name: CountTry :one
UPDATE shared.deliveries SET attempts = attempts + @attempts::integer, tried_since = COALESCE(tried_since, @at::timestamptz)
WHERE owner = @owner AND delivery_id = @delivery_id RETURNING attempts, tried_since::timestamptz AS since;

-- name: TellWhySending :one
UPDATE shared.deliveries SET reason = @reason, unasked_since = CASE WHEN @unasked::boolean THEN COALESCE(unasked_since, @at::timestamptz) END
WHERE owner = @owner AND delivery_id = @delivery_id AND state = 'sending' RETURNING unasked_since;

-- name: DeliverySize :one
SELECT COALESCE(list.workers, month.persons, 0)::integer AS workers
FROM shared.deliveries d
LEFT JOIN shared.lists list ON d.lane = 'sso' AND list.workshop_code = d.owner AND list.list_id = d.list_id
LEFT JOIN shared.tax_month_versions month
    ON month.tax_month_id = CASE WHEN d.lane = 'tax' THEN d.owner::uuid END AND month.version = d.version
WHERE d.owner = @owner AND d.delivery_id = @delivery_id;
