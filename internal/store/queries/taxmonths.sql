-- name: TaxMonthDue :one
INSERT INTO shared.tax_months (tax_month_id, employer_id, tax_file_no, period, due_at)
VALUES (@tax_month_id, @employer_id, @tax_file_no, @period, @due_at)
ON CONFLICT (employer_id, tax_file_no, period) DO UPDATE SET due_at = excluded.due_at, changes = tax_months.changes + 1
RETURNING tax_month_id;

-- name: TaxMonth :one
SELECT tax_month_id, employer_id, tax_file_no, period, due_at, version, changes FROM shared.tax_months WHERE tax_month_id = @tax_month_id;

-- name: TaxMonthOf :one
SELECT tax_month_id, employer_id, tax_file_no, period, due_at, version, changes FROM shared.tax_months
WHERE employer_id = @employer_id AND tax_file_no = @tax_file_no AND period = @period;

-- name: TaxMonthsOf :many
SELECT tax_month_id, employer_id, tax_file_no, period, due_at, version, changes FROM shared.tax_months
WHERE employer_id = @employer_id AND period = @period ORDER BY tax_file_no;

-- name: DueTaxMonths :many
SELECT tax_month_id FROM shared.tax_months WHERE due_at < @before::timestamptz;

-- name: CutTaxMonth :execrows
UPDATE shared.tax_months SET due_at = NULL, version = @version WHERE tax_month_id = @tax_month_id AND due_at IS NOT NULL
    AND changes = @changes AND version <= @version;

-- name: HurryTaxMonth :exec
UPDATE shared.tax_months SET due_at = @due_at::timestamptz WHERE tax_month_id = @tax_month_id AND due_at IS NOT NULL;

-- name: ListsOfTaxMonth :many
SELECT list.workshop_code, list.list_id, list.contract_row, list.period, list.list_no, list.version, list.kind,
    list.employer_id, list.tax_file_no, list.tax_period, list.header, list.tracking_code, list.sha256, list.file_name,
    list.format, list.received_at, list.law_file, list.verdict_sso, list.verdict_tax, list.submitted_sso_at,
    list.submitted_tax_at, list.withdrawn_at, list.replaced_by, list.workers, list.held_rows, list.totals, list.receipt
FROM shared.lists list
WHERE list.employer_id = @employer_id AND list.tax_file_no = @tax_file_no AND list.tax_period = @tax_period
    AND list.submitted_tax_at IS NOT NULL AND list.withdrawn_at IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM shared.lists later
        WHERE later.workshop_code = list.workshop_code AND later.contract_row = list.contract_row AND later.period = list.period
            AND later.list_no = list.list_no AND later.version > list.version
            AND later.submitted_tax_at IS NOT NULL AND later.withdrawn_at IS NULL)
ORDER BY list.submitted_tax_at, list.workshop_code, list.contract_row, list.list_no;

-- name: EarlierTaxMonth :one
SELECT employer_id, tax_file_no, tax_period FROM shared.lists
WHERE workshop_code = @workshop_code AND contract_row = @contract_row AND period = @period AND list_no = @list_no
    AND version < @version::integer AND submitted_tax_at IS NOT NULL AND withdrawn_at IS NULL
ORDER BY version DESC LIMIT 1;

-- name: ListsHeld :many
SELECT workshop_code, list_id FROM shared.tax_month_lists WHERE tax_month_id = @tax_month_id AND version = @version;

-- name: AddTaxMonthVersion :exec
INSERT INTO shared.tax_month_versions (tax_month_id, version, cut_at, persons, taxable, tax_estimate)
VALUES (@tax_month_id, @version, @cut_at, @persons, @taxable, @tax_estimate);

-- name: AddTaxMonthList :exec
INSERT INTO shared.tax_month_lists (tax_month_id, version, workshop_code, list_id)
VALUES (@tax_month_id, @version, @workshop_code, @list_id) ON CONFLICT DO NOTHING;

-- name: AddTaxMonthPersons :copyfrom
INSERT INTO shared.tax_month_persons (tax_month_id, version, person, position, taxable, taxable_welfare, tax_estimate,
    before_forgiveness, eidi_exempt, noncash_exempt, opened, paid, opening_months, opening_taxable, opening_tax, opening_eidi, opening_noncash)
VALUES (@tax_month_id, @version, @person, @position, @taxable, @taxable_welfare, @tax_estimate, @before_forgiveness, @eidi_exempt,
    @noncash_exempt, @opened, @paid, @opening_months, @opening_taxable, @opening_tax, @opening_eidi, @opening_noncash);

-- name: AddUncutVersion :exec
INSERT INTO shared.tax_month_versions (tax_month_id, version, cut_at, persons, taxable, tax_estimate)
SELECT m.tax_month_id, @version, @cut_at, COALESCE(v.persons, 0), COALESCE(v.taxable, 0), COALESCE(v.tax_estimate, 0)
FROM shared.tax_months m
LEFT JOIN shared.tax_month_versions v ON v.tax_month_id = m.tax_month_id AND v.version = m.version
WHERE m.tax_month_id = @tax_month_id;

-- name: CopyTaxMonthPersons :exec
INSERT INTO shared.tax_month_persons (tax_month_id, version, person, position, taxable, taxable_welfare, tax_estimate,
    before_forgiveness, eidi_exempt, noncash_exempt, opened, paid, opening_months, opening_taxable, opening_tax, opening_eidi, opening_noncash)
SELECT p.tax_month_id, @version::integer, p.person, p.position, p.taxable, p.taxable_welfare, p.tax_estimate, p.before_forgiveness, p.eidi_exempt,
    p.noncash_exempt, p.opened, p.paid, p.opening_months, p.opening_taxable, p.opening_tax, p.opening_eidi, p.opening_noncash
FROM shared.tax_month_persons p
JOIN shared.tax_months m ON m.tax_month_id = p.tax_month_id AND m.version = p.version
WHERE p.tax_month_id = @tax_month_id;

-- name: HoldListsInForce :exec
INSERT INTO shared.tax_month_lists (tax_month_id, version, workshop_code, list_id)
SELECT m.tax_month_id, @version::integer, list.workshop_code, list.list_id
FROM shared.tax_months m
JOIN shared.lists list ON list.employer_id = m.employer_id AND list.tax_file_no = m.tax_file_no AND list.tax_period = m.period
WHERE m.tax_month_id = @tax_month_id AND list.submitted_tax_at IS NOT NULL AND list.withdrawn_at IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM shared.lists later
        WHERE later.workshop_code = list.workshop_code AND later.contract_row = list.contract_row AND later.period = list.period
            AND later.list_no = list.list_no AND later.version > list.version
            AND later.submitted_tax_at IS NOT NULL AND later.withdrawn_at IS NULL);

-- name: TaxMonthVersions :many
SELECT v.version, v.cut_at, v.persons, v.taxable, v.tax_estimate,
    d.delivery_id, d.state, d.key, d.reference, d.digest, d.reason, d.decided_at
FROM shared.tax_month_versions v
JOIN shared.deliveries d ON d.owner = v.tax_month_id::text AND d.version = v.version
WHERE v.tax_month_id = @tax_month_id ORDER BY v.version;

-- name: TaxMonthPersons :many
SELECT p.person, p.taxable, p.tax_estimate, w.tax, w.months, w.several_employers, w.cause, w.proved, w.readings, w.our_months
FROM shared.tax_month_persons p
LEFT JOIN shared.deliveries d ON d.owner = p.tax_month_id::text AND d.version = p.version
LEFT JOIN shared.worker_taxes w ON w.owner = d.owner AND w.delivery_id = d.delivery_id AND w.person = p.person
WHERE p.tax_month_id = @tax_month_id AND p.version = @version ORDER BY p.position;

-- name: TaxMonthPersonsOf :many
SELECT p.person, p.taxable, p.tax_estimate, w.tax, w.months, w.several_employers, w.cause, w.proved, w.readings, w.our_months
FROM shared.tax_month_persons p
LEFT JOIN shared.deliveries d ON d.owner = p.tax_month_id::text AND d.version = p.version
LEFT JOIN shared.worker_taxes w ON w.owner = d.owner AND w.delivery_id = d.delivery_id AND w.person = p.person
WHERE p.tax_month_id = @tax_month_id AND d.delivery_id = @delivery_id AND p.person = ANY(@persons::text[]) ORDER BY p.position;

-- name: PersonsOfLists :many
SELECT DISTINCT line.person FROM shared.tax_month_lists held
JOIN shared.lines line ON line.workshop_code = held.workshop_code AND line.list_id = held.list_id
WHERE held.tax_month_id = @tax_month_id AND held.version = @version AND held.workshop_code = ANY(@workshop_codes::text[]);

-- name: WorkshopsOfTaxMonth :many
SELECT DISTINCT workshop_code FROM shared.lists
WHERE employer_id = @employer_id AND tax_file_no = @tax_file_no AND tax_period = @tax_period
    AND submitted_tax_at IS NOT NULL AND withdrawn_at IS NULL
ORDER BY workshop_code;

-- name: EarlierInYear :many
SELECT p.person, (sum(p.months) + COALESCE(sum(p.opening_months) FILTER (WHERE p.opens), 0))::integer AS months,
    (sum(p.taxable) + COALESCE(sum(p.opening_taxable) FILTER (WHERE p.opens), 0))::bigint AS taxable,
    (sum(p.tax) + COALESCE(sum(p.opening_tax) FILTER (WHERE p.opens), 0))::bigint AS tax,
    (sum(p.eidi) + COALESCE(sum(p.opening_eidi) FILTER (WHERE p.opens), 0))::bigint AS eidi,
    (sum(p.noncash) + COALESCE(sum(p.opening_noncash) FILTER (WHERE p.opens), 0))::bigint AS noncash,
    bool_or(p.opened)::boolean AS opened
FROM (
    SELECT p.person, p.paid::integer AS months, p.taxable - p.taxable_welfare AS taxable, p.before_forgiveness AS tax, p.eidi_exempt AS eidi,
        p.noncash_exempt AS noncash, p.opened, p.opening_months, p.opening_taxable, p.opening_tax, p.opening_eidi, p.opening_noncash,
        p.opened AND row_number() OVER (PARTITION BY p.person, p.opened ORDER BY m.period) = 1 AS opens
    FROM shared.tax_months m
    JOIN shared.tax_month_persons p ON p.tax_month_id = m.tax_month_id AND p.version = m.version
    WHERE m.employer_id = @employer_id AND m.tax_file_no = @tax_file_no AND m.period >= @first_of_year AND m.period < @period
    UNION ALL
    SELECT past.person, 1, past.taxable - past.taxable_welfare, past.before_forgiveness, past.eidi_exempt, past.noncash_exempt, false, 0, 0, 0, 0, 0, false
    FROM shared.past_tax_persons past
    WHERE past.employer_id = @employer_id AND past.tax_file_no = @tax_file_no AND past.period >= @first_of_year AND past.period < @period
        AND NOT past.no_figures
        AND NOT EXISTS (SELECT 1 FROM shared.past_tax_months r WHERE r.employer_id = past.employer_id AND r.tax_file_no = past.tax_file_no
            AND r.period = past.period AND r.replaced_at IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM shared.tax_months m
            JOIN shared.tax_month_persons filed ON filed.tax_month_id = m.tax_month_id AND filed.version = m.version AND filed.person = past.person
            WHERE m.employer_id = past.employer_id AND m.tax_file_no = past.tax_file_no AND m.period = past.period)
) p GROUP BY p.person;
