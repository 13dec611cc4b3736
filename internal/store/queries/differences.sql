-- name: Unjudged :many
-- The estimate is looked up person by person: right after an answer the planner knows neither table's size.
SELECT w.person, w.tax, w.months, w.several_employers, (
    SELECT p.tax_estimate FROM shared.tax_month_persons p WHERE p.tax_month_id = @tax_month_id AND p.version = @version AND p.person = w.person
) AS tax_estimate
FROM shared.worker_taxes w
WHERE w.owner = @owner AND w.delivery_id = @delivery_id AND w.cause IS NULL AND w.person > @after
ORDER BY w.person LIMIT @most::integer;

-- name: ExplainDifference :batchexec
-- Of the figure that was judged: an answer may have corrected it meanwhile.
UPDATE shared.worker_taxes SET cause = @cause::text, proved = @proved, readings = @readings::text[], our_months = @our_months
WHERE owner = @owner AND delivery_id = @delivery_id AND person = @person AND tax = @tax AND months = @months AND several_employers = @several_employers;

-- name: UnexplainedDeliveries :many
SELECT DISTINCT w.owner, w.delivery_id FROM shared.worker_taxes w
JOIN shared.deliveries d ON d.owner = w.owner AND d.delivery_id = w.delivery_id
WHERE w.cause IS NULL AND d.lane = 'tax' AND d.changed_at < @before LIMIT @most::integer;

-- name: ListsOfYear :many
-- What the months of the year up to this one were made of: this one's version, the newest ones of those before. A version holds two
-- versions of a list where the second changed nothing in the file.
SELECT m.period AS tax_period, found.workshop_code, found.list_id, found.contract_row, found.period, found.list_no
FROM shared.tax_months m
JOIN LATERAL (
    SELECT DISTINCT ON (list.workshop_code, list.contract_row, list.period, list.list_no)
        list.workshop_code, list.list_id, list.contract_row, list.period, list.list_no, list.submitted_tax_at
    FROM shared.tax_month_lists held
    JOIN shared.lists list ON list.workshop_code = held.workshop_code AND list.list_id = held.list_id
    WHERE held.tax_month_id = m.tax_month_id AND held.version = CASE WHEN m.period = @period::integer THEN @version::integer ELSE m.version END
    ORDER BY list.workshop_code, list.contract_row, list.period, list.list_no, list.version DESC
) found ON true
WHERE m.employer_id = @employer_id AND m.tax_file_no = @tax_file_no AND m.period >= @first_of_year AND m.period <= @period::integer AND m.version > 0
ORDER BY m.period, found.submitted_tax_at, found.workshop_code, found.contract_row, found.list_no;

-- name: PastInYear :many
-- Months of the year before this one that were imported, and in which no list here holds the person.
SELECT past.person, count(*)::integer AS months, sum(past.taxable - past.taxable_welfare)::bigint AS taxable, sum(past.before_forgiveness)::bigint AS tax,
    sum(past.eidi_exempt)::bigint AS eidi, sum(past.noncash_exempt)::bigint AS noncash
FROM shared.past_tax_persons past
WHERE past.employer_id = @employer_id AND past.tax_file_no = @tax_file_no AND past.period >= @first_of_year AND past.period < @period
    AND past.person = ANY(@persons::text[])
    AND NOT past.no_figures
    AND NOT EXISTS (SELECT 1 FROM shared.past_tax_months r WHERE r.employer_id = past.employer_id AND r.tax_file_no = past.tax_file_no
        AND r.period = past.period AND r.replaced_at IS NOT NULL)
    AND NOT EXISTS (SELECT 1 FROM shared.tax_months m
        JOIN shared.tax_month_persons filed ON filed.tax_month_id = m.tax_month_id AND filed.version = m.version AND filed.person = past.person
        WHERE m.employer_id = past.employer_id AND m.tax_file_no = past.tax_file_no AND m.period = past.period)
GROUP BY past.person;
