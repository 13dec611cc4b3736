-- name: ListsAround :many
SELECT list.contract_row, list.period, list.list_no, list.list_id, list.version::integer AS version, (list.replaced_by IS NULL)::boolean AS in_force,
    (list.submitted_sso_at IS NOT NULL)::boolean AS insured, false AS past
FROM shared.lists list
WHERE list.workshop_code = @workshop_code AND list.period IN (@month_before::integer, @period::integer)
    AND list.version IS NOT NULL AND list.withdrawn_at IS NULL
UNION ALL
SELECT past.contract_row, past.period, past.list_no, '00000000-0000-0000-0000-000000000000'::uuid, 0, true, true, true
FROM shared.past_lists past
WHERE past.workshop_code = @workshop_code AND past.period IN (@month_before::integer, @period::integer) AND NOT EXISTS (
    SELECT 1 FROM shared.lists here
    WHERE here.workshop_code = past.workshop_code AND here.contract_row = past.contract_row AND here.period = past.period
        AND here.list_no = past.list_no AND here.version IS NOT NULL AND here.withdrawn_at IS NULL)
ORDER BY contract_row, list_no, version;

-- name: ListedBefore :one
SELECT (EXISTS (SELECT 1 FROM shared.lists list WHERE list.workshop_code = @workshop_code AND list.contract_row = @contract_row
        AND list.period < @period AND list.version IS NOT NULL AND list.withdrawn_at IS NULL)
    OR EXISTS (SELECT 1 FROM shared.past_lists past WHERE past.workshop_code = @workshop_code AND past.contract_row = @contract_row
        AND past.period < @period))::boolean AS listed;

-- name: Elsewhere :many
-- told: who a person is by an accepted list of the employer. line, past: his rows in the month's lists here and in imported
-- ones of other workshops, submitted telling whether a list took an imported one's place. month: a month, as number, of which the
-- tax month holds lists too. Lines are found one person at a time (OFFSET 0 keeps the planner from another way): of a month that is
-- just filling it knows nothing, and would read all its lines for each list.
SELECT 'told'::text AS what, p.person::text AS person, p.first_name::text AS first, p.last_name::text AS second, p.father_name::text AS third,
    ''::text AS fourth, COALESCE(p.birth_date, 0)::integer AS number, 0::integer AS days, ''::text AS reported_to, ''::text AS workshop_code,
    '00000000-0000-0000-0000-000000000000'::uuid AS list_id, false::boolean AS submitted
FROM registry.persons p WHERE p.employer_id = @employer_id AND p.person = ANY(@persons::text[]) AND p.names_told IS NOT NULL
UNION ALL
SELECT 'line', line.person, COALESCE(line.place_status, ''), COALESCE(line.budget_exception, ''), COALESCE(line.housing_use, ''),
    COALESCE(line.car_use, ''), line.line_row, COALESCE(line.days, 0), COALESCE(line.reported_to, ''), line.workshop_code, line.list_id, false
FROM unnest(@persons::text[]) AS asked (person) CROSS JOIN LATERAL (
    SELECT * FROM shared.lines line WHERE line.person COLLATE "C" = asked.person COLLATE "C" AND line.period = @period
        AND line.hold IS NOT TRUE AND line.list_id <> ALL(@own_ids::uuid[]) OFFSET 0) line
UNION ALL
SELECT 'past', line.person, '', '', '', '', 0, line.days, 'sso', line.workshop_code, '00000000-0000-0000-0000-000000000000'::uuid, EXISTS (
        SELECT 1 FROM shared.lists here
        WHERE here.workshop_code = line.workshop_code AND here.contract_row = line.contract_row AND here.period = line.period
            AND here.list_no = line.list_no AND here.version IS NOT NULL AND here.withdrawn_at IS NULL)
FROM unnest(@persons::text[]) AS asked (person) CROSS JOIN LATERAL (
    SELECT * FROM shared.past_lines line WHERE line.person COLLATE "C" = asked.person COLLATE "C" AND line.period = @period
        AND line.workshop_code <> @workshop_code AND line.days > 0 OFFSET 0) line
UNION ALL
SELECT DISTINCT 'month', '', '', '', '', '', list.period, 0, '', '', '00000000-0000-0000-0000-000000000000'::uuid, false
FROM shared.lists list
WHERE list.employer_id = @employer_id AND list.tax_file_no = @tax_file_no AND list.tax_period = @tax_period
    AND list.period <> @own_period::integer AND list.submitted_tax_at IS NOT NULL AND list.withdrawn_at IS NULL;

-- name: StandingLists :many
-- Those of the lists that stand with the SSO (insured) or in the tax month (taxed).
SELECT found.list_id, found.contract_row, found.list_no, found.insured, found.taxed, found.may_see FROM (
    SELECT list.list_id, list.contract_row, list.list_no, (list.submitted_sso_at IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM shared.lists later
            WHERE later.workshop_code = list.workshop_code AND later.contract_row = list.contract_row AND later.period = list.period
                AND later.list_no = list.list_no AND later.version > list.version
                AND later.submitted_sso_at IS NOT NULL AND later.withdrawn_at IS NULL))::boolean AS insured,
        (list.submitted_tax_at IS NOT NULL AND list.employer_id = @employer_id AND list.tax_file_no = @tax_file_no AND list.tax_period = @tax_period AND NOT EXISTS (
            SELECT 1 FROM shared.lists later
            WHERE later.workshop_code = list.workshop_code AND later.contract_row = list.contract_row AND later.period = list.period
                AND later.list_no = list.list_no AND later.version > list.version
                AND later.submitted_tax_at IS NOT NULL AND later.withdrawn_at IS NULL))::boolean AS taxed,
        EXISTS (
            SELECT 1 FROM registry.mandates m
            WHERE m.principal_id = @principal_id AND m.revoked_at IS NULL AND (m.expires_at IS NULL OR m.expires_at > @at::timestamptz)
                AND (m.workshop_code = list.workshop_code OR m.employer_id = list.employer_id)) AS may_see
    FROM shared.lists list
    WHERE list.workshop_code = ANY(@workshop_codes::text[]) AND list.list_id = ANY(@list_ids::uuid[])
        AND list.version IS NOT NULL AND list.withdrawn_at IS NULL
        AND (list.workshop_code, list.contract_row, list.period, list.list_no) <> (@workshop_code::text, @contract_row::text, @own_period::integer, @list_no::text)
) found WHERE found.insured OR found.taxed;

-- name: PersonsInLists :one
SELECT EXISTS (
    SELECT 1 FROM unnest(@persons::text[]) AS asked (person) CROSS JOIN LATERAL (
        SELECT 1 FROM shared.lines line WHERE line.person COLLATE "C" = asked.person COLLATE "C" AND line.period = @period
            AND line.list_id = ANY(@list_ids::uuid[]) AND line.hold IS NOT TRUE AND line.reported_to IN ('both', 'sso') OFFSET 0) line) AS found;

-- name: CollectedSlip :one
SELECT p.slip FROM shared.deliveries d JOIN shared.payments p ON p.owner = d.owner AND p.delivery_id = d.delivery_id
WHERE d.owner = @owner AND d.sequence = @sequence AND p.state = 'collected'
ORDER BY d.version DESC, p.list_no LIMIT 1;

-- name: StandingAtSSO :one
SELECT list_id FROM shared.lists
WHERE workshop_code = @workshop_code AND contract_row = @contract_row AND period = @period AND list_no = @list_no
    AND list_id <> @except_id AND submitted_sso_at IS NOT NULL AND withdrawn_at IS NULL
ORDER BY version DESC LIMIT 1;

-- name: SavePastList :exec
INSERT INTO shared.past_lists (workshop_code, contract_row, period, list_no, imported_at)
VALUES (@workshop_code, @contract_row, @period, @list_no, @imported_at)
ON CONFLICT (workshop_code, contract_row, period, list_no) DO UPDATE SET imported_at = excluded.imported_at;

-- name: DeletePastLines :exec
DELETE FROM shared.past_lines
WHERE workshop_code = @workshop_code AND contract_row = @contract_row AND period = @period AND list_no = @list_no;

-- name: AddPastLines :copyfrom
INSERT INTO shared.past_lines (workshop_code, contract_row, period, list_no, line_row, person, name, days, daily_wage, dsw_mash, end_date)
VALUES (@workshop_code, @contract_row, @period, @list_no, @line_row, @person, @name, @days, @daily_wage, @dsw_mash, @end_date);
