-- name: AddDelivery :exec
INSERT INTO shared.deliveries (owner, delivery_id, lane, key, sequence, version, list_id, period, state, digest, reason, created_at, changed_at)
VALUES (@owner, @delivery_id, @lane, @key, @sequence, @version, sqlc.narg(list_id), @period, @state, @digest, @reason, @at, @at);

-- name: Delivery :one
SELECT owner, delivery_id, lane, key, sequence, version, list_id, period, state, digest, reference, shares, reason, attempts,
    inquire_at, inquiries, created_at, first_sent_at, changed_at, decided_at, tried_since, uploaded_at, unknown_there, unasked_since
FROM shared.deliveries WHERE owner = @owner AND delivery_id = @delivery_id;

-- name: DeliveryByKey :one
SELECT owner, delivery_id, lane, key, sequence, version, list_id, period, state, digest, reference, shares, reason, attempts,
    inquire_at, inquiries, created_at, first_sent_at, changed_at, decided_at, tried_since, uploaded_at, unknown_there, unasked_since
FROM shared.deliveries WHERE owner = @owner AND key = @key;

-- name: DeliveriesOfSequence :many
SELECT owner, delivery_id, lane, key, sequence, version, list_id, period, state, digest, reference, shares, reason, attempts,
    inquire_at, inquiries, created_at, first_sent_at, changed_at, decided_at, tried_since, uploaded_at, unknown_there, unasked_since
FROM shared.deliveries WHERE owner = @owner AND sequence = @sequence ORDER BY version;

-- name: AddParcel :exec
INSERT INTO shared.parcels (owner, delivery_id, digest, bytes, files, made_at)
VALUES (@owner, @delivery_id, @digest, @bytes, @files, @made_at) ON CONFLICT DO NOTHING;

-- name: Parcel :one
SELECT digest, bytes, files FROM shared.parcels WHERE owner = @owner AND delivery_id = @delivery_id;

-- name: ParcelFiles :one
SELECT files FROM shared.parcels WHERE owner = @owner AND delivery_id = @delivery_id;

-- name: MoveDelivery :execrows
UPDATE shared.deliveries SET state = @state, changed_at = @at, reason = @reason,
    digest = COALESCE(sqlc.narg(digest), digest),
    reference = CASE WHEN @reference::text = '' THEN reference ELSE @reference END,
    shares = COALESCE(sqlc.narg(shares), shares),
    first_sent_at = CASE WHEN @state::text = 'sending' THEN COALESCE(first_sent_at, @at) ELSE first_sent_at END,
    inquire_at = COALESCE(sqlc.narg(inquire_at), inquire_at),
    decided_at = COALESCE(sqlc.narg(decided_at), decided_at),
    uploaded_at = COALESCE(sqlc.narg(uploaded_at), uploaded_at),
    attempts = CASE WHEN @anew::boolean THEN 0 ELSE attempts END,
    tried_since = CASE WHEN @anew THEN NULL ELSE tried_since END,
    unknown_there = CASE WHEN @anew THEN 0 ELSE unknown_there END,
    unasked_since = NULL
WHERE owner = @owner AND delivery_id = @delivery_id AND state = ANY(@from_states::text[]);

-- name: DueInquiries :many
SELECT owner, delivery_id, lane, key, sequence, version, list_id, period, state, digest, reference, shares, reason, attempts,
    inquire_at, inquiries, created_at, first_sent_at, changed_at, decided_at, tried_since, uploaded_at, unknown_there, unasked_since
FROM shared.deliveries
WHERE lane = @lane AND state = 'sent' AND inquire_at <= @at::timestamptz ORDER BY inquire_at LIMIT @most::integer;

-- name: CountInquiry :execrows
UPDATE shared.deliveries SET inquiries = inquiries + 1, inquire_at = @inquire_at::timestamptz
WHERE owner = @owner AND delivery_id = @delivery_id AND state = 'sent' AND inquiries = @inquiries;

-- name: CountUnknown :one
UPDATE shared.deliveries SET unknown_there = unknown_there + 1
WHERE owner = @owner AND delivery_id = @delivery_id AND state = 'sent' RETURNING unknown_there;

-- name: ForgetUnknown :exec
UPDATE shared.deliveries SET unknown_there = 0 WHERE owner = @owner AND delivery_id = @delivery_id AND unknown_there > 0;

-- name: UnfinishedDeliveries :many
SELECT d.owner, d.delivery_id, d.lane, d.state, COALESCE(list.workers, month.persons, 0)::integer AS workers
FROM shared.deliveries d
LEFT JOIN shared.lists list ON d.lane = 'sso' AND list.workshop_code = d.owner AND list.list_id = d.list_id
LEFT JOIN shared.tax_month_versions month
    ON month.tax_month_id = CASE WHEN d.lane = 'tax' THEN d.owner::uuid END AND month.version = d.version
WHERE d.state IN ('queued', 'sending') AND d.changed_at < @before ORDER BY d.changed_at LIMIT @most::integer;

-- name: KeepAnswer :exec
INSERT INTO shared.answers (answer_id, lane, source, received_at, raw) VALUES (@answer_id, @lane, @source, @received_at, @raw);

-- name: JudgeAnswer :exec
UPDATE shared.answers SET outcome = @outcome, owner = sqlc.narg(owner), delivery_id = sqlc.narg(delivery_id), said_id = sqlc.narg(said_id), said_state = @said_state
WHERE answer_id = @answer_id;

-- name: AnswerHeard :one
SELECT EXISTS (SELECT 1 FROM shared.answers WHERE owner = @owner::text AND delivery_id = @delivery_id::uuid AND said_id = @said_id::text
    AND outcome IN ('stored', 'stale', 'contradicts')) AS heard;

-- name: UnjudgedAnswers :many
SELECT answer_id, lane, source, raw FROM shared.answers WHERE outcome = 'kept' AND received_at < @before ORDER BY received_at LIMIT @most::integer;

-- name: AddAnswerFindings :copyfrom
INSERT INTO shared.answer_findings (owner, delivery_id, position, code, message, person, field)
VALUES (@owner, @delivery_id, @position, @code, @message, @person, @field);

-- name: AddWorkerTaxes :copyfrom
INSERT INTO shared.worker_taxes (owner, delivery_id, person, tax, months, several_employers)
VALUES (@owner, @delivery_id, @person, @tax, @months, @several_employers);

-- name: ForgetFindings :exec
DELETE FROM shared.answer_findings WHERE owner = @owner AND delivery_id = @delivery_id;

-- name: ForgetWorkerTaxes :exec
DELETE FROM shared.worker_taxes WHERE owner = @owner AND delivery_id = @delivery_id;

-- name: RaiseDecided :exec
UPDATE shared.deliveries SET decided_at = @decided_at::timestamptz
WHERE owner = @owner AND delivery_id = @delivery_id AND (decided_at IS NULL OR decided_at < @decided_at::timestamptz);

-- name: SavePayment :exec
INSERT INTO shared.payments (owner, delivery_id, slip, list_no, amount, due, state)
VALUES (@owner, @delivery_id, @slip, @list_no, @amount, @due, @state)
ON CONFLICT (owner, delivery_id, slip) DO UPDATE SET list_no = excluded.list_no, amount = excluded.amount, due = excluded.due, state = excluded.state;

-- name: StrangersOf :many
SELECT w.person, w.tax, w.months, w.several_employers FROM shared.worker_taxes w
JOIN shared.deliveries d ON d.owner = w.owner AND d.delivery_id = w.delivery_id
WHERE w.owner = @owner AND w.delivery_id = @delivery_id AND NOT EXISTS (
    SELECT 1 FROM shared.tax_month_persons p WHERE p.tax_month_id = d.owner::uuid AND p.version = d.version AND p.person = w.person)
ORDER BY w.person LIMIT @most::integer;

-- name: ContradictionsOf :many
SELECT DISTINCT ON (owner, delivery_id) owner, delivery_id, said_state, received_at FROM shared.answers
WHERE owner = ANY(@owners::text[]) AND delivery_id = ANY(@delivery_ids::uuid[]) AND outcome = 'contradicts'
ORDER BY owner, delivery_id, received_at DESC;

-- name: AnswersSetAside :many
SELECT a.answer_id, a.lane, a.source, a.received_at, a.outcome, COALESCE(a.said_id, '')::text AS said_id, a.said_state, length(a.raw)::integer AS bytes,
    COALESCE(d.key, '')::text AS key, COALESCE(d.state, '')::text AS state, d.list_id
FROM shared.answers a
LEFT JOIN shared.deliveries d ON d.owner = a.owner AND d.delivery_id = a.delivery_id
WHERE a.settled_at IS NULL AND a.outcome IN ('contradicts', 'digest_not_ours', 'unknown_key', 'undecodable')
    AND (a.received_at, a.answer_id) > (@after_at::timestamptz, @after_id::uuid)
ORDER BY a.received_at, a.answer_id LIMIT @most::integer;

-- name: AnswerSetAside :one
SELECT raw FROM shared.answers WHERE answer_id = @answer_id AND outcome IN ('contradicts', 'digest_not_ours', 'unknown_key', 'undecodable');

-- name: SettleAnswer :execrows
UPDATE shared.answers SET settled_at = @settled_at::timestamptz, settled_by = @settled_by::uuid
WHERE answer_id = @answer_id AND settled_at IS NULL AND outcome IN ('contradicts', 'digest_not_ours', 'unknown_key', 'undecodable');

-- name: SSODeliveriesOf :many
SELECT owner, delivery_id, lane, key, sequence, version, list_id, period, state, digest, reference, shares, reason, attempts,
    inquire_at, inquiries, created_at, first_sent_at, changed_at, decided_at, tried_since, uploaded_at, unknown_there, unasked_since
FROM shared.deliveries WHERE owner = ANY(@workshop_codes::text[]) AND list_id = ANY(@list_ids::uuid[]) AND lane = 'sso';

-- name: TaxDeliveriesOf :many
SELECT held.workshop_code, held.list_id AS held_list, d.owner, d.delivery_id, d.key, d.version, d.state, d.reference, d.shares, d.reason,
    d.first_sent_at, d.changed_at, d.uploaded_at
FROM shared.tax_month_lists held
JOIN shared.deliveries d ON d.owner = held.tax_month_id::text AND d.version = held.version
WHERE held.workshop_code = ANY(@workshop_codes::text[]) AND held.list_id = ANY(@list_ids::uuid[])
ORDER BY held.list_id, d.version DESC;

-- name: PaymentsOf :many
SELECT owner, delivery_id, slip, list_no, amount, due, state FROM shared.payments
WHERE owner = ANY(@owners::text[]) AND delivery_id = ANY(@delivery_ids::uuid[]) ORDER BY owner, delivery_id, list_no, slip;

-- name: AnswerFindingsOf :many
SELECT owner, delivery_id, position, code, message, person, field FROM shared.answer_findings
WHERE owner = ANY(@owners::text[]) AND delivery_id = ANY(@delivery_ids::uuid[]) ORDER BY owner, delivery_id, position;

-- name: AgencyLists :many
SELECT list.workshop_code, list.list_id, list.contract_row, list.period, list.list_no, list.version, list.kind, list.tracking_code,
    list.received_at, list.workers, list.verdict_sso AS verdict,
    COALESCE(d.key, '') AS key, COALESCE(d.state, '') AS state, COALESCE(d.reference, '') AS reference
FROM sso.lists list
LEFT JOIN sso.deliveries d ON d.owner = list.workshop_code AND d.list_id = list.list_id
WHERE (@period::integer = 0 OR list.period = @period) AND list.list_id < @before
ORDER BY list.list_id DESC LIMIT @most::integer;

-- name: TaxAgencyLists :many
SELECT list.workshop_code, list.list_id, list.contract_row, list.period, list.list_no, list.version, list.kind, list.tracking_code,
    list.received_at, list.workers, list.verdict_tax AS verdict,
    COALESCE(d.key, '') AS key, COALESCE(d.state, '') AS state, COALESCE(d.reference, '') AS reference
FROM tax.lists list
LEFT JOIN LATERAL (
    SELECT del.key, del.state, del.reference FROM tax.tax_month_lists held
    JOIN tax.deliveries del ON del.owner = held.tax_month_id::text AND del.version = held.version
    WHERE held.workshop_code = list.workshop_code AND held.list_id = list.list_id ORDER BY del.version DESC LIMIT 1) d ON true
WHERE (@period::integer = 0 OR list.tax_period = @period) AND list.list_id < @before
ORDER BY list.list_id DESC LIMIT @most::integer;
