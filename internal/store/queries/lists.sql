-- name: LockIdentity :exec
SELECT pg_advisory_xact_lock(hashtextextended(@identity::text, 1));

-- name: TryLockIdentity :one
SELECT pg_try_advisory_xact_lock(hashtextextended(@identity::text, 1)) AS locked;

-- name: PartNumbers :many
SELECT list_no, of_list_no, part, emptied FROM shared.part_numbers
WHERE workshop_code = @workshop_code AND contract_row = @contract_row AND period = @period ORDER BY of_list_no, part;

-- name: AddPartNumber :exec
INSERT INTO shared.part_numbers (workshop_code, contract_row, period, list_no, of_list_no, part)
VALUES (@workshop_code, @contract_row, @period, @list_no, @of_list_no, @part);

-- name: EmptyParts :exec
UPDATE shared.part_numbers SET emptied = part > @parts::integer
WHERE workshop_code = @workshop_code AND contract_row = @contract_row AND period = @period AND of_list_no = @of_list_no;

-- name: EmptiedParts :many
SELECT workshop_code, contract_row, period, list_no, of_list_no, part FROM shared.part_numbers
WHERE workshop_code = ANY(@workshop_codes::text[]) AND emptied ORDER BY workshop_code, contract_row, period, part;

-- name: ListNumbers :many
SELECT DISTINCT list_no FROM shared.lists
WHERE workshop_code = @workshop_code AND contract_row = @contract_row AND period = @period AND version IS NOT NULL AND withdrawn_at IS NULL;

-- name: MakeLinePartition :exec
SELECT shared.make_line_partition(@month);

-- name: SameBytes :many
SELECT list_id, version, lanes_asked, verdict_sso, verdict_tax, submitted_sso_at, submitted_tax_at, withdrawn_at, replaced_by, receipt
FROM shared.lists
WHERE workshop_code = @workshop_code AND contract_row = @contract_row AND period = @period AND list_no = @list_no AND sha256 = @sha256
ORDER BY list_id;

-- name: InForce :one
SELECT list_id, version, tracking_code, sha256, receipt FROM shared.lists
WHERE workshop_code = @workshop_code AND contract_row = @contract_row AND period = @period AND list_no = @list_no
    AND version IS NOT NULL AND withdrawn_at IS NULL AND replaced_by IS NULL;

-- name: HighestVersion :one
SELECT COALESCE(max(version), 0)::integer AS version FROM shared.lists
WHERE workshop_code = @workshop_code AND contract_row = @contract_row AND period = @period AND list_no = @list_no;

-- name: ExemptUsed :one
SELECT count(*) FROM shared.lists list
JOIN shared.lines line ON line.workshop_code = list.workshop_code AND line.list_id = list.list_id AND line.period = list.period
WHERE list.workshop_code = @workshop_code AND list.period = @period AND list.submitted_sso_at IS NOT NULL
    AND list.withdrawn_at IS NULL AND list.replaced_by IS NULL AND line.employer_waived
    AND (list.contract_row, list.list_no) <> (@contract_row::text, @list_no::text);

-- name: AddUpload :execrows
INSERT INTO shared.uploads (workshop_code, sha256, size, stored_at) VALUES (@workshop_code, @sha256, @size, @stored_at)
ON CONFLICT (workshop_code, sha256) DO UPDATE SET size = excluded.size, bundle_id = NULL, position = NULL WHERE uploads.bundle_id IS NOT NULL;

-- name: AddUploadPart :exec
INSERT INTO shared.upload_parts (workshop_code, sha256, part, bytes) VALUES (@workshop_code, @sha256, @part, @bytes);

-- name: UploadPart :one
SELECT bytes FROM shared.upload_parts WHERE workshop_code = @workshop_code AND sha256 = @sha256 AND part = @part;

-- name: AddList :exec
INSERT INTO shared.lists (workshop_code, list_id, contract_row, period, list_no, version, kind, employer_id, tax_file_no, tax_period,
    header, tracking_code, sha256, file_name, format, principal_id, received_at, law_file, lanes_asked, verdict_sso, verdict_tax,
    submitted_sso_at, submitted_tax_at, workers, held_rows, totals, receipt, bundle_id, bundle_position)
VALUES (@workshop_code, @list_id, @contract_row, @period, @list_no, sqlc.narg(version), @kind, @employer_id, @tax_file_no, @tax_period,
    @header, @tracking_code, @sha256, @file_name, @format, @principal_id, @received_at, @law_file, @lanes_asked, @verdict_sso, @verdict_tax,
    @submitted_sso_at, @submitted_tax_at, @workers, @held_rows, @totals, @receipt, sqlc.narg(bundle_id), sqlc.narg(bundle_position));

-- name: AddTracking :exec
INSERT INTO shared.tracking (tracking_code, list_id, workshop_code) VALUES (@tracking_code, @list_id, @workshop_code);

-- name: SaveFindings :exec
INSERT INTO shared.findings (workshop_code, list_id, report) VALUES (@workshop_code, @list_id, @report)
ON CONFLICT (workshop_code, list_id) DO UPDATE SET report = excluded.report;

-- name: Findings :one
SELECT report FROM shared.findings WHERE workshop_code = @workshop_code AND list_id = @list_id;

-- name: SendLanes :execrows
UPDATE shared.lists SET version = @version::integer, lanes_asked = @lanes_asked, verdict_sso = @verdict_sso, verdict_tax = @verdict_tax,
    submitted_sso_at = @submitted_sso_at, submitted_tax_at = @submitted_tax_at, law_file = @law_file, totals = @totals, receipt = @receipt,
    header = @header, employer_id = @employer_id, tax_file_no = @tax_file_no, tax_period = @tax_period, workers = @workers, held_rows = @held_rows,
    bundle_id = COALESCE(sqlc.narg(bundle_id), bundle_id), bundle_position = COALESCE(sqlc.narg(bundle_position), bundle_position)
WHERE workshop_code = @workshop_code AND list_id = @list_id AND withdrawn_at IS NULL AND replaced_by IS NULL;

-- name: ReplaceList :execrows
UPDATE shared.lists SET replaced_by = @replaced_by::uuid
WHERE workshop_code = @workshop_code AND list_id = @list_id AND replaced_by IS NULL AND withdrawn_at IS NULL;

-- name: DeleteLines :exec
DELETE FROM shared.lines WHERE workshop_code = @workshop_code AND list_id = @list_id AND period = @period;

-- name: WhereIsList :one
SELECT workshop_code FROM shared.tracking WHERE list_id = @list_id;

-- name: SenderOfList :one
SELECT principal_id FROM shared.lists WHERE workshop_code = @workshop_code AND list_id = @list_id;

-- name: ListByID :one
SELECT workshop_code, list_id, contract_row, period, list_no, version, kind, employer_id, tax_file_no, tax_period, header,
    tracking_code, sha256, file_name, format, received_at, law_file, verdict_sso, verdict_tax, submitted_sso_at, submitted_tax_at,
    withdrawn_at, replaced_by, workers, held_rows, totals, receipt
FROM shared.lists WHERE workshop_code = @workshop_code AND list_id = @list_id;

-- name: ListsPage :many
SELECT list.workshop_code, list.list_id, list.contract_row, list.period, list.list_no, list.version, list.kind, list.employer_id,
    list.tax_file_no, list.tax_period, list.header, list.tracking_code, list.sha256, list.file_name, list.format, list.received_at,
    list.law_file, list.verdict_sso, list.verdict_tax, list.submitted_sso_at, list.submitted_tax_at, list.withdrawn_at,
    list.replaced_by, list.workers, list.held_rows, list.totals, list.receipt
FROM shared.lists list
WHERE list.workshop_code IN (
        SELECT w.workshop_code FROM registry.workshops w JOIN registry.mandates m
            ON m.workshop_code = w.workshop_code OR m.employer_id = w.employer_id
        WHERE m.principal_id = @principal_id AND m.revoked_at IS NULL AND (m.expires_at IS NULL OR m.expires_at > @at::timestamptz))
    AND (@workshop_code::text = '' OR list.workshop_code = @workshop_code)
    AND (@period::integer = 0 OR list.period = @period)
    AND list.list_id < @before
ORDER BY list.list_id DESC
LIMIT @most::integer;

-- name: LaterVersions :many
SELECT workshop_code, list_id, contract_row, period, list_no, version, kind, employer_id, tax_file_no, tax_period, header,
    tracking_code, sha256, file_name, format, received_at, law_file, verdict_sso, verdict_tax, submitted_sso_at, submitted_tax_at,
    withdrawn_at, replaced_by, workers, held_rows, totals, receipt
FROM shared.lists
WHERE workshop_code = @workshop_code AND contract_row = @contract_row AND period = @period AND list_no = @list_no
    AND version > @version::integer
ORDER BY version;

-- name: Idempotent :one
SELECT body, workshop_code, list_id, outcome, held_lane FROM shared.idempotency
WHERE principal_id = @principal_id AND route = @route AND key = @key;

-- name: AddIdempotent :exec
INSERT INTO shared.idempotency (principal_id, route, key, body, workshop_code, list_id, outcome, held_lane, created_at)
VALUES (@principal_id, @route, @key, @body, @workshop_code, @list_id, @outcome, @held_lane, @created_at);

-- name: PersonsOfList :many
SELECT person FROM shared.lines WHERE workshop_code = @workshop_code AND list_id = @list_id AND period = @period;

-- name: RowsOfPersons :many
SELECT line_row, person, COALESCE(insurance_number, '')::text AS insurance_number FROM shared.lines
WHERE workshop_code = @workshop_code AND list_id = @list_id AND period = @period
    AND (person = ANY(@persons::text[]) OR insurance_number = ANY(@numbers::text[]))
ORDER BY line_row;

-- name: StandsInMonth :one
SELECT EXISTS (SELECT 1 FROM shared.lists
    WHERE workshop_code = @workshop_code AND contract_row = @contract_row AND period = @period AND tracking_code = @tracking_code
        AND version IS NOT NULL AND withdrawn_at IS NULL AND replaced_by IS NULL) AS stands;

-- name: StateOfList :many
-- By the token that signs in, or for a principal who did. No row: neither is known; a row without a list: there is none, or it is not his.
SELECT p.principal_id, p.name, p.role,
    COALESCE(seen.workshop_code, '')::text AS workshop_code, seen.version, COALESCE(seen.received_at, p.created_at)::timestamptz AS received_at,
    COALESCE(seen.verdict_sso, '')::text AS verdict_sso, COALESCE(seen.verdict_tax, '')::text AS verdict_tax,
    seen.submitted_sso_at, seen.submitted_tax_at, seen.withdrawn_at, seen.replaced_by,
    COALESCE(seen.lane, '')::text AS lane, COALESCE(seen.owner, '')::text AS owner, COALESCE(seen.delivery_id, p.principal_id)::uuid AS delivery_id,
    COALESCE(seen.key, '')::text AS key, COALESCE(seen.delivery_version, 0)::integer AS delivery_version, COALESCE(seen.state, '')::text AS state,
    COALESCE(seen.reference, '')::text AS reference, seen.shares, COALESCE(seen.reason, '')::text AS reason,
    seen.first_sent_at, COALESCE(seen.changed_at, p.created_at)::timestamptz AS changed_at, seen.uploaded_at
FROM registry.principals p
LEFT JOIN LATERAL (
    SELECT list.workshop_code, list.version, list.received_at, list.verdict_sso, list.verdict_tax, list.submitted_sso_at, list.submitted_tax_at,
        list.withdrawn_at, list.replaced_by, d.lane, d.owner, d.delivery_id, d.key, d.version AS delivery_version, d.state, d.reference, d.shares,
        d.reason, d.first_sent_at, d.changed_at, d.uploaded_at
    FROM shared.tracking t
    JOIN registry.workshops w ON w.workshop_code = t.workshop_code
    JOIN shared.lists list ON list.workshop_code = t.workshop_code AND list.list_id = t.list_id
    LEFT JOIN LATERAL (
        SELECT own.lane, own.owner, own.delivery_id, own.key, own.version, own.state, own.reference, own.shares, own.reason, own.first_sent_at,
            own.changed_at, own.uploaded_at
        FROM shared.deliveries own WHERE own.owner = list.workshop_code AND own.list_id = list.list_id AND own.lane = 'sso'
        UNION ALL
        SELECT month.lane, month.owner, month.delivery_id, month.key, month.version, month.state, month.reference, month.shares, month.reason,
            month.first_sent_at, month.changed_at, month.uploaded_at
        FROM shared.tax_month_lists held
        JOIN shared.deliveries month ON month.owner = held.tax_month_id::text AND month.version = held.version
        WHERE held.workshop_code = list.workshop_code AND held.list_id = list.list_id) d ON true
    WHERE t.list_id = @list_id AND EXISTS (
        SELECT 1 FROM registry.mandates m WHERE m.principal_id = p.principal_id AND m.revoked_at IS NULL
            AND (m.expires_at IS NULL OR m.expires_at > @at::timestamptz)
            AND (m.workshop_code = w.workshop_code OR m.employer_id = w.employer_id))) seen ON true
WHERE p.revoked_at IS NULL AND p.principal_id = COALESCE(sqlc.narg(principal_id)::uuid, (
    SELECT k.principal_id FROM registry.tokens k
    WHERE k.token_sha256 = @token_sha256::bytea AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > @at::timestamptz)));
