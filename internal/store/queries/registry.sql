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
WITH told AS (
    SELECT line.person, list.period::text || list.list_id::text COLLATE "C" AS by, line.start_date, line.education, line.employment_type, line.job_family,
        line.first_name, line.last_name, line.father_name, line.birth_date
    FROM shared.lists list
    JOIN shared.lines line ON line.workshop_code = list.workshop_code AND line.list_id = list.list_id AND line.period = list.period
    WHERE list.workshop_code = ANY(@workshop_codes::text[]) AND list.list_id = ANY(@list_ids::uuid[])
        AND line.reported_to IN ('both', @lane::text) AND line.hold IS NOT TRUE AND line.person <> '')
INSERT INTO registry.persons (employer_id, person, updated_at, start_date, education, employment_type, job_family,
    start_date_told, education_told, employment_type_told, job_family_told, first_name, last_name, father_name, birth_date, names_told, birth_date_told)
SELECT @employer_id, person, @at,
    (array_agg(start_date ORDER BY by DESC) FILTER (WHERE start_date IS NOT NULL))[1],
    (array_agg(education ORDER BY by DESC) FILTER (WHERE education <> ''))[1],
    (array_agg(employment_type ORDER BY by DESC) FILTER (WHERE employment_type <> ''))[1],
    (array_agg(job_family ORDER BY by DESC) FILTER (WHERE job_family <> ''))[1],
    max(by) FILTER (WHERE start_date IS NOT NULL), max(by) FILTER (WHERE education <> ''),
    max(by) FILTER (WHERE employment_type <> ''), max(by) FILTER (WHERE job_family <> ''),
    COALESCE((array_agg(first_name ORDER BY by DESC))[1], ''), COALESCE((array_agg(last_name ORDER BY by DESC))[1], ''),
    COALESCE((array_agg(father_name ORDER BY by DESC))[1], ''),
    (array_agg(birth_date ORDER BY by DESC) FILTER (WHERE birth_date IS NOT NULL))[1],
    max(by), max(by) FILTER (WHERE birth_date IS NOT NULL)
FROM told GROUP BY person
ON CONFLICT (employer_id, person) DO UPDATE SET updated_at = excluded.updated_at,
    start_date = CASE WHEN excluded.start_date_told >= COALESCE(persons.start_date_told, '') THEN excluded.start_date ELSE persons.start_date END,
    education = CASE WHEN excluded.education_told >= COALESCE(persons.education_told, '') THEN excluded.education ELSE persons.education END,
    employment_type = CASE WHEN excluded.employment_type_told >= COALESCE(persons.employment_type_told, '') THEN excluded.employment_type ELSE persons.employment_type END,
    job_family = CASE WHEN excluded.job_family_told >= COALESCE(persons.job_family_told, '') THEN excluded.job_family ELSE persons.job_family END,
    first_name = CASE WHEN excluded.names_told >= COALESCE(persons.names_told, '') THEN excluded.first_name ELSE persons.first_name END,
    last_name = CASE WHEN excluded.names_told >= COALESCE(persons.names_told, '') THEN excluded.last_name ELSE persons.last_name END,
    father_name = CASE WHEN excluded.names_told >= COALESCE(persons.names_told, '') THEN excluded.father_name ELSE persons.father_name END,
    birth_date = CASE WHEN excluded.birth_date_told >= COALESCE(persons.birth_date_told, '') THEN excluded.birth_date ELSE persons.birth_date END,
    names_told = GREATEST(persons.names_told, excluded.names_told),
    birth_date_told = GREATEST(persons.birth_date_told, excluded.birth_date_told),
    start_date_told = GREATEST(persons.start_date_told, excluded.start_date_told),
    education_told = GREATEST(persons.education_told, excluded.education_told),
    employment_type_told = GREATEST(persons.employment_type_told, excluded.employment_type_told),
    job_family_told = GREATEST(persons.job_family_told, excluded.job_family_told);

-- name: OnceAWorker :many
SELECT person, start_date, education, employment_type, job_family FROM registry.persons WHERE employer_id = @employer_id;

-- name: FillOnceAWorker :exec
UPDATE shared.lines line SET
    start_date = COALESCE(line.start_date, CASE WHEN p.start_date <= LEAST(@last_day::integer, line.end_date) THEN p.start_date END),
    education = COALESCE(NULLIF(line.education, ''), p.education), employment_type = COALESCE(NULLIF(line.employment_type, ''), p.employment_type),
    job_family = COALESCE(NULLIF(line.job_family, ''), p.job_family)
FROM registry.persons p
WHERE line.workshop_code = @workshop_code AND line.list_id = @list_id AND line.period = @period AND line.reported_to IN ('both', 'tax')
    AND p.employer_id = @employer_id AND p.person = line.person;
