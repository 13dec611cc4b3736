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
SELECT person, taxable, taxable_welfare, before_forgiveness, eidi_exempt, noncash_exempt, tax_told
FROM shared.past_tax_persons WHERE employer_id = @employer_id AND tax_file_no = @tax_file_no AND period = @period;

-- name: DeletePastTaxPersons :exec
DELETE FROM shared.past_tax_persons
WHERE employer_id = @employer_id AND tax_file_no = @tax_file_no AND period = @period AND person = ANY(@persons::text[]);

-- name: AddPastTaxPersons :copyfrom
INSERT INTO shared.past_tax_persons (employer_id, tax_file_no, period, person, taxable, taxable_welfare, before_forgiveness, eidi_exempt,
    noncash_exempt, tax_told, imported_at)
VALUES (@employer_id, @tax_file_no, @period, @person, @taxable, @taxable_welfare, @before_forgiveness, @eidi_exempt, @noncash_exempt,
    @tax_told, @imported_at);

-- name: TaxMonthsKnown :many
SELECT known.period::integer AS period FROM (
    SELECT m.period FROM shared.tax_months m WHERE m.employer_id = @employer_id AND m.tax_file_no = @tax_file_no
        AND m.period >= @first_of_year AND m.period < @before AND m.version > 0
    UNION
    SELECT past.period FROM shared.past_tax_persons past WHERE past.employer_id = @employer_id AND past.tax_file_no = @tax_file_no
        AND past.period >= @first_of_year AND past.period < @before
) known ORDER BY known.period;
