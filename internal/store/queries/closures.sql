-- name: AddClosure :exec
INSERT INTO shared.closures (workshop_code, closure_id, contract_row, first_period, last_period, next_period, principal_id, idempotency_key, ordered_at)
VALUES (@workshop_code, @closure_id, @contract_row, @first_period, @last_period, @first_period, @principal_id, @idempotency_key, @ordered_at);

-- name: ClosureOrdered :one
SELECT workshop_code, closure_id, contract_row, first_period, last_period, next_period, principal_id, ordered_at, ended_at, ending, ended_by_list
FROM shared.closures WHERE workshop_code = @workshop_code AND principal_id = @principal_id AND idempotency_key = @idempotency_key;

-- name: Closure :one
SELECT workshop_code, closure_id, contract_row, first_period, last_period, next_period, principal_id, ordered_at, ended_at, ending, ended_by_list
FROM shared.closures WHERE workshop_code = @workshop_code AND closure_id = @closure_id;

-- name: Closures :many
SELECT workshop_code, closure_id, contract_row, first_period, last_period, next_period, principal_id, ordered_at, ended_at, ending, ended_by_list
FROM shared.closures WHERE workshop_code = @workshop_code ORDER BY ordered_at DESC, closure_id DESC LIMIT @most::integer;

-- name: ClosureMonths :many
SELECT m.closure_id, m.period, m.outcome, m.list_id, m.code, m.decided_at, COALESCE(l.tracking_code, '') AS tracking_code
FROM shared.closure_months m LEFT JOIN shared.lists l ON l.workshop_code = m.workshop_code AND l.list_id = m.list_id
WHERE m.workshop_code = @workshop_code AND m.closure_id = ANY(@closures::uuid[]) ORDER BY m.closure_id, m.period;

-- name: MonthsHeld :many
-- The months that hold a list in force: of each the one that was sent first.
SELECT DISTINCT ON (period) period, list_id, tracking_code FROM shared.lists
WHERE workshop_code = @workshop_code AND contract_row = @contract_row AND period BETWEEN @first_period AND @last_period
    AND version IS NOT NULL AND withdrawn_at IS NULL AND replaced_by IS NULL
ORDER BY period, list_id;

-- name: EndClosure :execrows
UPDATE shared.closures SET ended_at = @at::timestamptz, ending = @ending::text
WHERE workshop_code = @workshop_code AND closure_id = @closure_id AND ended_at IS NULL;

-- name: StopClosures :many
UPDATE shared.closures SET ended_at = @at::timestamptz, ending = 'list', ended_by_list = @list_id::uuid
WHERE workshop_code = @workshop_code AND contract_row = @contract_row AND ended_at IS NULL AND @period::integer BETWEEN first_period AND last_period
RETURNING closure_id;

-- name: DecideMonth :execrows
UPDATE shared.closures SET next_period = @following::integer,
    ended_at = CASE WHEN last_period = @period::integer THEN @at::timestamptz END, ending = CASE WHEN last_period = @period::integer THEN 'over' END
WHERE workshop_code = @workshop_code AND closure_id = @closure_id AND next_period = @period::integer AND ended_at IS NULL;

-- name: AddClosureMonth :exec
INSERT INTO shared.closure_months (workshop_code, closure_id, period, outcome, list_id, code, decided_at)
VALUES (@workshop_code, @closure_id, @period, @outcome, @list_id, @code, @decided_at);

-- name: ClosuresDue :many
-- Standing closures with a month to decide, and those whose orderer may not act for the workshop any more.
SELECT c.workshop_code, c.closure_id FROM shared.closures c
WHERE c.ended_at IS NULL AND (c.next_period <= @latest::integer OR NOT EXISTS (
    SELECT 1 FROM registry.mandates m JOIN registry.workshops w ON w.workshop_code = c.workshop_code
    WHERE m.principal_id = c.principal_id AND m.revoked_at IS NULL AND (m.expires_at IS NULL OR m.expires_at > @at::timestamptz)
        AND (m.workshop_code = w.workshop_code OR m.employer_id = w.employer_id)))
ORDER BY c.ordered_at LIMIT @most::integer;
