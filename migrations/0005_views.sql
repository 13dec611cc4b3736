-- +goose Up

-- What each organisation sees: the common core and its own columns, of lists that were sent to it. The views run with the
-- rights of who asks, so the column grants below are the entitlement; without usage of schema shared nothing but a view
-- can name a table. The supervisor's views run as their owner, because no grant on rows may lie under an aggregate.
CREATE SCHEMA sso;
CREATE SCHEMA tax;
CREATE SCHEMA supervisor;
GRANT USAGE ON SCHEMA sso TO fehrest_sso;
GRANT USAGE ON SCHEMA tax TO fehrest_tax;
GRANT USAGE ON SCHEMA supervisor TO fehrest_supervisor;

GRANT SELECT (workshop_code, list_id, contract_row, period, list_no, version, kind, employer_id, tracking_code, received_at, withdrawn_at, replaced_by, workers, verdict_sso, submitted_sso_at)
    ON shared.lists TO fehrest_sso;
GRANT SELECT (
        "workshop_code", "list_id", "period", "line_row", "person", "row", "national_code", "foreigner_code",
        "nationality", "first_name", "last_name", "father_name", "birth_date", "id_number", "issue_place",
        "issue_date", "sex", "insurance_number", "job_code", "job_title", "reported_to", "hold", "action",
        "insured_kind", "hard_job", "start_date", "end_date", "days", "daily_wage", "daily_seniority",
        "monthly_wage", "housing", "grocery", "housing_grocery", "marriage", "child", "responsibility",
        "attraction", "hardship", "adjustment", "transport", "meal", "other_continuous", "overtime",
        "holiday_work", "shift", "performance", "bonus", "productivity", "production_bonus", "welfare", "milk",
        "cash_shortage", "sickness_difference", "mission", "travel_cost", "other_noncontinuous", "on_call",
        "haqq_al_saay", "noncash_continuous", "noncash_other", "declared_premium", "dsw_mah", "dsw_inc",
        "dsw_maz", "dsw_mash", "dsw_totl", "dsw_bime", "employer_premium", "unemployment", "hard_job_premium",
        "employer_waived", "capped")
    ON shared.lines TO fehrest_sso;
GRANT SELECT (owner, delivery_id, lane, key, version, list_id, period, state, reference, shares, first_sent_at, decided_at)
    ON shared.deliveries TO fehrest_sso;
CREATE VIEW sso.lists WITH (security_invoker = true, security_barrier = true) AS
    SELECT workshop_code, list_id, contract_row, period, list_no, version, kind, employer_id, tracking_code, received_at, withdrawn_at, replaced_by, workers, verdict_sso, submitted_sso_at
    FROM shared.lists WHERE submitted_sso_at IS NOT NULL;
CREATE VIEW sso.lines WITH (security_invoker = true, security_barrier = true) AS
    SELECT
        "workshop_code", "list_id", "period", "line_row", "person", "row", "national_code", "foreigner_code",
        "nationality", "first_name", "last_name", "father_name", "birth_date", "id_number", "issue_place",
        "issue_date", "sex", "insurance_number", "job_code", "job_title", "reported_to", "hold", "action",
        "insured_kind", "hard_job", "start_date", "end_date", "days", "daily_wage", "daily_seniority",
        "monthly_wage", "housing", "grocery", "housing_grocery", "marriage", "child", "responsibility",
        "attraction", "hardship", "adjustment", "transport", "meal", "other_continuous", "overtime",
        "holiday_work", "shift", "performance", "bonus", "productivity", "production_bonus", "welfare", "milk",
        "cash_shortage", "sickness_difference", "mission", "travel_cost", "other_noncontinuous", "on_call",
        "haqq_al_saay", "noncash_continuous", "noncash_other", "declared_premium", "dsw_mah", "dsw_inc",
        "dsw_maz", "dsw_mash", "dsw_totl", "dsw_bime", "employer_premium", "unemployment", "hard_job_premium",
        "employer_waived", "capped"
    FROM shared.lines AS line
    WHERE COALESCE("hold", false) = false AND "reported_to" IN ('both', 'sso')
        AND EXISTS (SELECT 1 FROM shared.lists AS list WHERE list.workshop_code = line.workshop_code AND list.list_id = line.list_id
                    AND list.submitted_sso_at IS NOT NULL);
CREATE VIEW sso.deliveries WITH (security_invoker = true, security_barrier = true) AS
    SELECT owner, delivery_id, lane, key, version, list_id, period, state, reference, shares, first_sent_at, decided_at
    FROM shared.deliveries WHERE lane = 'sso';
GRANT SELECT (owner, delivery_id, slip, list_no, amount, due, state) ON shared.payments TO fehrest_sso;
CREATE VIEW sso.payments WITH (security_invoker = true, security_barrier = true) AS
    SELECT owner, delivery_id, slip, list_no, amount, due, state FROM shared.payments AS said
    WHERE EXISTS (SELECT 1 FROM shared.deliveries AS d WHERE d.owner = said.owner AND d.delivery_id = said.delivery_id AND d.lane = 'sso');
GRANT SELECT (owner, delivery_id, position, code, message, person, field) ON shared.answer_findings TO fehrest_sso;
CREATE VIEW sso.answer_findings WITH (security_invoker = true, security_barrier = true) AS
    SELECT owner, delivery_id, position, code, message, person, field FROM shared.answer_findings AS said
    WHERE EXISTS (SELECT 1 FROM shared.deliveries AS d WHERE d.owner = said.owner AND d.delivery_id = said.delivery_id AND d.lane = 'sso');
GRANT SELECT ON ALL TABLES IN SCHEMA sso TO fehrest_sso;

GRANT SELECT (workshop_code, list_id, contract_row, period, list_no, version, kind, employer_id, tracking_code, received_at, withdrawn_at, replaced_by, workers, tax_file_no, tax_period, verdict_tax, submitted_tax_at)
    ON shared.lists TO fehrest_tax;
GRANT SELECT (
        "workshop_code", "list_id", "period", "line_row", "person", "row", "national_code", "foreigner_code",
        "nationality", "citizenship_country", "residence_country", "first_name", "last_name", "father_name",
        "birth_date", "birth_place", "id_number", "insurance_number", "job_title", "reported_to", "hold",
        "action", "start_date", "end_date", "monthly_wage", "housing", "grocery", "housing_grocery", "marriage",
        "child", "responsibility", "attraction", "hardship", "adjustment", "transport", "meal",
        "other_continuous", "overtime", "holiday_work", "shift", "performance", "bonus", "productivity",
        "production_bonus", "welfare", "milk", "cash_shortage", "sickness_difference", "mission", "travel_cost",
        "other_noncontinuous", "on_call", "haqq_al_saay", "eidi", "year_end_bonus", "end_service", "dismissal",
        "buyback", "severance", "unused_leave", "fees", "research", "teaching", "noncash_continuous",
        "noncash_other", "arrears_continuous", "arrears_continuous_noncash", "arrears_other",
        "arrears_other_noncash", "housing_deducted", "car_deducted", "health_premium", "life_premium",
        "housing_use", "car_use", "declared_tax", "net_paid", "other_deductions", "main_payer", "education",
        "employment_type", "job_family", "exemption_type", "place_status", "budget_exception", "insurance_type",
        "retirement_date", "worker_postal_code", "worker_address", "ytd_months", "ytd_taxable", "ytd_tax",
        "ytd_eidi", "ytd_noncash", "premium_share", "taxable", "taxable_welfare", "taxable_flat", "eidi_exempt",
        "noncash_exempt", "tax_estimate", "tax_before_forgiveness", "wh_net_paid", "months_with_pay")
    ON shared.lines TO fehrest_tax;
GRANT SELECT (owner, delivery_id, lane, key, version, list_id, period, state, reference, shares, first_sent_at, decided_at)
    ON shared.deliveries TO fehrest_tax;
CREATE VIEW tax.lists WITH (security_invoker = true, security_barrier = true) AS
    SELECT workshop_code, list_id, contract_row, period, list_no, version, kind, employer_id, tracking_code, received_at, withdrawn_at, replaced_by, workers, tax_file_no, tax_period, verdict_tax, submitted_tax_at
    FROM shared.lists WHERE submitted_tax_at IS NOT NULL;
CREATE VIEW tax.lines WITH (security_invoker = true, security_barrier = true) AS
    SELECT
        "workshop_code", "list_id", "period", "line_row", "person", "row", "national_code", "foreigner_code",
        "nationality", "citizenship_country", "residence_country", "first_name", "last_name", "father_name",
        "birth_date", "birth_place", "id_number", "insurance_number", "job_title", "reported_to", "hold",
        "action", "start_date", "end_date", "monthly_wage", "housing", "grocery", "housing_grocery", "marriage",
        "child", "responsibility", "attraction", "hardship", "adjustment", "transport", "meal",
        "other_continuous", "overtime", "holiday_work", "shift", "performance", "bonus", "productivity",
        "production_bonus", "welfare", "milk", "cash_shortage", "sickness_difference", "mission", "travel_cost",
        "other_noncontinuous", "on_call", "haqq_al_saay", "eidi", "year_end_bonus", "end_service", "dismissal",
        "buyback", "severance", "unused_leave", "fees", "research", "teaching", "noncash_continuous",
        "noncash_other", "arrears_continuous", "arrears_continuous_noncash", "arrears_other",
        "arrears_other_noncash", "housing_deducted", "car_deducted", "health_premium", "life_premium",
        "housing_use", "car_use", "declared_tax", "net_paid", "other_deductions", "main_payer", "education",
        "employment_type", "job_family", "exemption_type", "place_status", "budget_exception", "insurance_type",
        "retirement_date", "worker_postal_code", "worker_address", "ytd_months", "ytd_taxable", "ytd_tax",
        "ytd_eidi", "ytd_noncash", "premium_share", "taxable", "taxable_welfare", "taxable_flat", "eidi_exempt",
        "noncash_exempt", "tax_estimate", "tax_before_forgiveness", "wh_net_paid", "months_with_pay"
    FROM shared.lines AS line
    WHERE COALESCE("hold", false) = false AND "reported_to" IN ('both', 'tax')
        AND EXISTS (SELECT 1 FROM shared.lists AS list WHERE list.workshop_code = line.workshop_code AND list.list_id = line.list_id
                    AND list.submitted_tax_at IS NOT NULL);
CREATE VIEW tax.deliveries WITH (security_invoker = true, security_barrier = true) AS
    SELECT owner, delivery_id, lane, key, version, list_id, period, state, reference, shares, first_sent_at, decided_at
    FROM shared.deliveries WHERE lane = 'tax';
GRANT SELECT (owner, delivery_id, slip, list_no, amount, due, state) ON shared.payments TO fehrest_tax;
CREATE VIEW tax.payments WITH (security_invoker = true, security_barrier = true) AS
    SELECT owner, delivery_id, slip, list_no, amount, due, state FROM shared.payments AS said
    WHERE EXISTS (SELECT 1 FROM shared.deliveries AS d WHERE d.owner = said.owner AND d.delivery_id = said.delivery_id AND d.lane = 'tax');
GRANT SELECT (owner, delivery_id, position, code, message, person, field) ON shared.answer_findings TO fehrest_tax;
CREATE VIEW tax.answer_findings WITH (security_invoker = true, security_barrier = true) AS
    SELECT owner, delivery_id, position, code, message, person, field FROM shared.answer_findings AS said
    WHERE EXISTS (SELECT 1 FROM shared.deliveries AS d WHERE d.owner = said.owner AND d.delivery_id = said.delivery_id AND d.lane = 'tax');
GRANT SELECT (owner, delivery_id, person, tax, months, several_employers) ON shared.worker_taxes TO fehrest_tax;
CREATE VIEW tax.worker_taxes WITH (security_invoker = true, security_barrier = true) AS
    SELECT owner, delivery_id, person, tax, months, several_employers FROM shared.worker_taxes AS said
    WHERE EXISTS (SELECT 1 FROM shared.deliveries AS d WHERE d.owner = said.owner AND d.delivery_id = said.delivery_id AND d.lane = 'tax');
GRANT SELECT (tax_month_id, employer_id, tax_file_no, period, version) ON shared.tax_months TO fehrest_tax;
CREATE VIEW tax.tax_months WITH (security_invoker = true, security_barrier = true) AS
    SELECT tax_month_id, employer_id, tax_file_no, period, version FROM shared.tax_months;
GRANT SELECT (tax_month_id, version, workshop_code, list_id) ON shared.tax_month_lists TO fehrest_tax;
CREATE VIEW tax.tax_month_lists WITH (security_invoker = true, security_barrier = true) AS
    SELECT tax_month_id, version, workshop_code, list_id FROM shared.tax_month_lists;
GRANT SELECT ON ALL TABLES IN SCHEMA tax TO fehrest_tax;

-- Aggregates of at least ten workers in at least ten workshops; a smaller group is not shown at all.
CREATE VIEW supervisor.months WITH (security_barrier = true) AS
    SELECT period, count(*) AS lists, count(DISTINCT workshop_code) AS workshops, sum(workers) AS workers,
        count(*) FILTER (WHERE submitted_sso_at IS NOT NULL) AS submitted_sso,
        count(*) FILTER (WHERE submitted_tax_at IS NOT NULL) AS submitted_tax
    FROM shared.lists WHERE version IS NOT NULL AND withdrawn_at IS NULL AND replaced_by IS NULL
    GROUP BY period HAVING count(DISTINCT workshop_code) >= 10 AND sum(workers) >= 10;
CREATE VIEW supervisor.deliveries WITH (security_barrier = true) AS
    SELECT lane, period, state, count(*) AS deliveries, count(DISTINCT owner) AS owners
    FROM shared.deliveries GROUP BY lane, period, state HAVING count(DISTINCT owner) >= 10;
GRANT SELECT ON ALL TABLES IN SCHEMA supervisor TO fehrest_supervisor;
