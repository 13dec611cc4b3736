-- name: Beat :exec
INSERT INTO shared.heartbeats (minute) VALUES (@minute) ON CONFLICT DO NOTHING;

-- name: FirstBeat :one
SELECT minute FROM shared.heartbeats ORDER BY minute LIMIT 1;

-- name: LastBeat :one
SELECT minute FROM shared.heartbeats ORDER BY minute DESC LIMIT 1;

-- name: SilentMinutes :many
SELECT gone::timestamptz AS minute FROM generate_series(@first::timestamptz, @last::timestamptz, '1 minute') AS gone
WHERE NOT EXISTS (SELECT FROM shared.heartbeats beat WHERE beat.minute = gone) ORDER BY gone;

-- name: KeepOutageRecord :execrows
INSERT INTO shared.outage_records (lane, period, due, document, issued_at) VALUES (@lane, @period, @due, @document, @issued_at)
ON CONFLICT DO NOTHING;

-- name: OutageRecord :one
SELECT document, accepted_at, accepted_number FROM shared.outage_records WHERE lane = @lane AND period = @period AND due = @due;

-- name: AcceptOutageRecord :execrows
UPDATE shared.outage_records SET accepted_at = @accepted_at::timestamptz, accepted_number = @accepted_number::text
WHERE lane = @lane AND period = @period AND due = @due AND accepted_at IS NULL;

-- name: OutageRecordsOf :many
SELECT lane, period, due, COALESCE((document ->> 'minutes')::integer, 0)::integer AS minutes, accepted_at, accepted_number
FROM shared.outage_records WHERE period = ANY(@periods::integer[]) ORDER BY lane, period, due;
