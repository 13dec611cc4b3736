-- name: EmployerName :one
SELECT name FROM registry.employers WHERE employer_id = @employer_id;

-- name: ContractName :one
SELECT name FROM registry.contracts WHERE workshop_code = @workshop_code AND contract_row = @contract_row;

-- name: PersonsTold :many
SELECT person, start_date, education, employment_type, job_family, first_name, last_name, father_name, birth_date,
    start_date_told, education_told, employment_type_told, job_family_told, names_told, birth_date_told
FROM registry.persons WHERE employer_id = @employer_id AND person = ANY(@persons::text[]);

-- name: SavePerson :batchexec
INSERT INTO registry.persons (employer_id, person, updated_at, start_date, education, employment_type, job_family, first_name, last_name,
    father_name, birth_date, start_date_told, education_told, employment_type_told, job_family_told, names_told, birth_date_told)
VALUES (@employer_id, @person, @updated_at, @start_date, @education, @employment_type, @job_family, @first_name, @last_name,
    @father_name, @birth_date, @start_date_told, @education_told, @employment_type_told, @job_family_told, @names_told, @birth_date_told)
ON CONFLICT (employer_id, person) DO UPDATE SET updated_at = excluded.updated_at, start_date = excluded.start_date,
    education = excluded.education, employment_type = excluded.employment_type, job_family = excluded.job_family,
    first_name = excluded.first_name, last_name = excluded.last_name, father_name = excluded.father_name, birth_date = excluded.birth_date,
    start_date_told = excluded.start_date_told, education_told = excluded.education_told,
    employment_type_told = excluded.employment_type_told, job_family_told = excluded.job_family_told,
    names_told = excluded.names_told, birth_date_told = excluded.birth_date_told;

-- name: PastListThere :one
SELECT EXISTS (SELECT 1 FROM shared.past_lists
    WHERE workshop_code = @workshop_code AND contract_row = @contract_row AND period = @period AND list_no = @list_no) AS there;

-- name: PastTaxPersons :many
SELECT person, taxable, taxable_welfare, before_forgiveness, eidi_exempt, noncash_exempt, tax_told, place_status, budget_exception,
    housing_use, car_use, no_figures
FROM shared.past_tax_persons WHERE employer_id = @employer_id AND tax_file_no = @tax_file_no AND period = @period;

-- name: DeletePastTaxPersons :exec
DELETE FROM shared.past_tax_persons
WHERE employer_id = @employer_id AND tax_file_no = @tax_file_no AND period = @period AND person = ANY(@persons::text[]);

-- name: AddPastTaxPersons :copyfrom
INSERT INTO shared.past_tax_persons (employer_id, tax_file_no, period, person, taxable, taxable_welfare, before_forgiveness, eidi_exempt,
    noncash_exempt, tax_told, place_status, budget_exception, housing_use, car_use, no_figures, imported_at)
VALUES (@employer_id, @tax_file_no, @period, @person, @taxable, @taxable_welfare, @before_forgiveness, @eidi_exempt, @noncash_exempt,
    @tax_told, @place_status, @budget_exception, @housing_use, @car_use, @no_figures, @imported_at);

-- name: AddPastTaxMonth :exec
INSERT INTO shared.past_tax_months (employer_id, tax_file_no, period) VALUES (@employer_id, @tax_file_no, @period) ON CONFLICT DO NOTHING;

-- name: CountPastTaxPersons :one
SELECT count(*)::integer AS persons FROM shared.past_tax_persons
WHERE employer_id = @employer_id AND tax_file_no = @tax_file_no AND period = @period;

-- name: PastMonthReplaced :one
SELECT replaced_at, replaced_by FROM shared.past_tax_months
WHERE employer_id = @employer_id AND tax_file_no = @tax_file_no AND period = @period;

-- name: ReplacePastMonth :exec
INSERT INTO shared.past_tax_months (employer_id, tax_file_no, period, replaced_at, replaced_by)
VALUES (@employer_id, @tax_file_no, @period, sqlc.narg(replaced_at), sqlc.narg(replaced_by))
ON CONFLICT (employer_id, tax_file_no, period) DO UPDATE SET replaced_at = excluded.replaced_at, replaced_by = excluded.replaced_by;

-- name: PastCodes :many
-- What an imported month that no file of this window took the place of says of persons, once for each imported list of the employer
-- that holds them; gone tells that a list of this window, or the one asked for, has taken that list's place.
SELECT past.person, past.place_status::text AS place_status, past.budget_exception::text AS budget_exception, past.housing_use::text AS housing_use,
    past.car_use::text AS car_use, COALESCE(line.workshop_code, '')::text AS workshop_code, COALESCE(line.contract_row, '')::text AS contract_row,
    COALESCE(line.list_no, '')::text AS list_no, COALESCE(line.line_row, 0)::integer AS line_row,
    (line.workshop_code IS NOT NULL AND ((line.workshop_code, line.contract_row, line.period, line.list_no)
            = (@workshop_code::text, @contract_row::text, @own_period::integer, @list_no::text) OR EXISTS (
        SELECT 1 FROM shared.lists here
        WHERE here.workshop_code = line.workshop_code AND here.contract_row = line.contract_row AND here.period = line.period
            AND here.list_no = line.list_no AND here.version IS NOT NULL AND here.withdrawn_at IS NULL)))::boolean AS gone,
    (line.workshop_code IS NOT NULL AND EXISTS (
        SELECT 1 FROM registry.mandates m
        WHERE m.principal_id = @principal_id AND m.revoked_at IS NULL AND (m.expires_at IS NULL OR m.expires_at > @at::timestamptz)
            AND (m.workshop_code = line.workshop_code OR m.employer_id = past.employer_id)))::boolean AS may_see
FROM shared.past_tax_persons past
LEFT JOIN LATERAL (
    SELECT stood.workshop_code, stood.contract_row, stood.period, stood.list_no, stood.line_row FROM shared.past_lines stood
    JOIN registry.workshops w ON w.workshop_code = stood.workshop_code AND w.employer_id = past.employer_id
    WHERE stood.person COLLATE "C" = past.person COLLATE "C" AND stood.period = past.period) line ON true
WHERE past.employer_id = @employer_id AND past.tax_file_no = @tax_file_no AND past.period = @tax_period
    AND past.person = ANY(@persons::text[]) AND past.place_status IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM shared.past_tax_months r WHERE r.employer_id = past.employer_id AND r.tax_file_no = past.tax_file_no
            AND r.period = past.period AND r.replaced_at IS NOT NULL)
ORDER BY past.person, line.workshop_code, line.contract_row, line.list_no, line.line_row;

-- name: TaxMonthsKnown :many
SELECT known.period::integer AS period FROM (
    SELECT m.period FROM shared.tax_months m WHERE m.employer_id = @employer_id AND m.tax_file_no = @tax_file_no
        AND m.period >= @first_of_year AND m.period < @before AND m.version > 0
    UNION
    SELECT past.period FROM shared.past_tax_persons past WHERE past.employer_id = @employer_id AND past.tax_file_no = @tax_file_no
        AND past.period >= @first_of_year AND past.period < @before
) known ORDER BY known.period;
