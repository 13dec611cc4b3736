-- name: SaveEmployer :exec
INSERT INTO registry.employers (employer_id, name) VALUES (@employer_id, @name)
ON CONFLICT (employer_id) DO UPDATE SET name = excluded.name;

-- name: SaveWorkshop :exec
INSERT INTO registry.workshops (workshop_code, employer_id, name, address, postal_code, tax_office_code, tax_file_no, exempt_five, profile)
VALUES (@workshop_code, @employer_id, @name, @address, @postal_code, @tax_office_code, @tax_file_no, @exempt_five, @profile)
ON CONFLICT (workshop_code) DO UPDATE SET employer_id = excluded.employer_id, name = excluded.name, address = excluded.address,
    postal_code = excluded.postal_code, tax_office_code = excluded.tax_office_code, tax_file_no = excluded.tax_file_no,
    exempt_five = excluded.exempt_five, profile = excluded.profile;

-- name: SaveContract :exec
INSERT INTO registry.contracts (workshop_code, contract_row, name) VALUES (@workshop_code, @contract_row, @name)
ON CONFLICT (workshop_code, contract_row) DO UPDATE SET name = excluded.name;

-- name: AddPrincipal :exec
INSERT INTO registry.principals (principal_id, name, role) VALUES (@principal_id, @name, @role);

-- name: AddToken :exec
INSERT INTO registry.tokens (token_sha256, principal_id, expires_at) VALUES (@token_sha256, @principal_id, @expires_at);

-- name: RevokeToken :execrows
UPDATE registry.tokens SET revoked_at = @at::timestamptz WHERE token_sha256 = @token_sha256 AND revoked_at IS NULL;

-- name: PrincipalOfToken :one
SELECT p.principal_id, p.name, p.role
FROM registry.tokens t JOIN registry.principals p ON p.principal_id = t.principal_id
WHERE t.token_sha256 = @token_sha256 AND t.revoked_at IS NULL AND p.revoked_at IS NULL
    AND (t.expires_at IS NULL OR t.expires_at > @at::timestamptz);

-- name: Principals :many
SELECT principal_id, name, role FROM registry.principals WHERE revoked_at IS NULL ORDER BY created_at, principal_id;

-- name: AddMandate :exec
INSERT INTO registry.mandates (mandate_id, principal_id, employer_id, workshop_code, expires_at)
VALUES (@mandate_id, @principal_id, sqlc.narg(employer_id), sqlc.narg(workshop_code), @expires_at);

-- name: RevokeMandates :execrows
UPDATE registry.mandates SET revoked_at = @at::timestamptz
WHERE principal_id = @principal_id AND workshop_code = @workshop_code::text AND revoked_at IS NULL;

-- name: WorkshopFor :one
SELECT w.workshop_code, w.employer_id, e.name AS employer_name, w.name, w.address, w.postal_code, w.tax_office_code, w.tax_file_no,
    w.exempt_five, w.profile
FROM registry.workshops w JOIN registry.employers e ON e.employer_id = w.employer_id
WHERE w.workshop_code = @workshop_code AND EXISTS (
    SELECT 1 FROM registry.mandates m WHERE m.principal_id = @principal_id AND m.revoked_at IS NULL
        AND (m.expires_at IS NULL OR m.expires_at > @at::timestamptz)
        AND (m.workshop_code = w.workshop_code OR m.employer_id = w.employer_id));

-- name: Workshop :one
SELECT w.workshop_code, w.employer_id, e.name AS employer_name, w.name, w.address, w.postal_code, w.tax_office_code, w.tax_file_no,
    w.exempt_five, w.profile
FROM registry.workshops w JOIN registry.employers e ON e.employer_id = w.employer_id
WHERE w.workshop_code = @workshop_code;

-- name: WorkshopsOf :many
SELECT w.workshop_code, w.employer_id, e.name AS employer_name, w.name, w.tax_file_no
FROM registry.workshops w JOIN registry.employers e ON e.employer_id = w.employer_id
WHERE w.workshop_code > @after AND EXISTS (
    SELECT 1 FROM registry.mandates m WHERE m.principal_id = @principal_id AND m.revoked_at IS NULL
        AND (m.expires_at IS NULL OR m.expires_at > @at::timestamptz)
        AND (m.workshop_code = w.workshop_code OR m.employer_id = w.employer_id))
ORDER BY w.workshop_code
LIMIT @most::integer;

-- name: NewestPeriods :many
SELECT workshop_code, max(period)::integer AS period FROM shared.lists
WHERE workshop_code = ANY(@workshop_codes::text[]) AND version IS NOT NULL AND withdrawn_at IS NULL
GROUP BY workshop_code;

-- name: HoldsEmployer :one
SELECT EXISTS (SELECT 1 FROM registry.mandates m WHERE m.principal_id = @principal_id AND m.employer_id = @employer_id::text
    AND m.revoked_at IS NULL AND (m.expires_at IS NULL OR m.expires_at > @at::timestamptz)) AS holds;

-- name: PinKeys :exec
INSERT INTO registry.agency_keys (lane, keys, pinned_at) VALUES (@lane, @keys, @pinned_at) ON CONFLICT (lane) DO NOTHING;

-- name: PinnedKeys :one
SELECT keys FROM registry.agency_keys WHERE lane = @lane;

-- name: HearNonce :execrows
INSERT INTO shared.nonces (key_id, nonce, seen_at) VALUES (@key_id, @nonce, @seen_at) ON CONFLICT DO NOTHING;

-- name: ForgetNonces :exec
DELETE FROM shared.nonces WHERE seen_at < @before;

-- name: CarryOnceAWorker :exec
INSERT INTO registry.persons (employer_id, person, start_date, education, employment_type, job_family, updated_at)
SELECT @employer_id, line.person, max(line.start_date), max(line.education), max(line.employment_type), max(line.job_family), @at
FROM shared.lines line
WHERE line.workshop_code = @workshop_code AND line.list_id = @list_id AND line.period = @period AND line.person <> ''
GROUP BY line.person
ON CONFLICT (employer_id, person) DO UPDATE SET
    start_date = COALESCE(excluded.start_date, persons.start_date), education = COALESCE(excluded.education, persons.education),
    employment_type = COALESCE(excluded.employment_type, persons.employment_type),
    job_family = COALESCE(excluded.job_family, persons.job_family), updated_at = excluded.updated_at;
