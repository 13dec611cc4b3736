-- +goose Up

-- One row a worker in one list version, partitioned by the list's month. Each column is a key of the column table and holds
-- NULL where the cell was blank and nothing stands for it; money is whole rials, a date is yyyymmdd (Jalali).
CREATE TABLE shared.lines (
    workshop_code text NOT NULL,
    list_id uuid NOT NULL,
    period integer NOT NULL,
    line_row integer NOT NULL CHECK (line_row > 0),
    person text NOT NULL,

    "row" integer,
    "national_code" text,
    "foreigner_code" text,
    "nationality" text,
    "citizenship_country" text,
    "residence_country" text,
    "first_name" text,
    "last_name" text,
    "father_name" text,
    "birth_date" integer,
    "birth_place" text,
    "id_number" text,
    "issue_place" text,
    "issue_date" integer,
    "sex" text,
    "insurance_number" text,
    "job_code" text,
    "job_title" text,
    "reported_to" text,
    "hold" boolean,
    "action" text,
    "insured_kind" text,
    "hard_job" boolean,
    "start_date" integer,
    "end_date" integer,
    "days" integer,
    "daily_wage" bigint,
    "daily_seniority" bigint,
    "monthly_wage" bigint,
    "housing" bigint,
    "grocery" bigint,
    "housing_grocery" bigint,
    "marriage" bigint,
    "child" bigint,
    "responsibility" bigint,
    "attraction" bigint,
    "hardship" bigint,
    "adjustment" bigint,
    "transport" bigint,
    "meal" bigint,
    "other_continuous" bigint,
    "overtime" bigint,
    "holiday_work" bigint,
    "shift" bigint,
    "performance" bigint,
    "bonus" bigint,
    "productivity" bigint,
    "production_bonus" bigint,
    "welfare" bigint,
    "milk" bigint,
    "cash_shortage" bigint,
    "sickness_difference" bigint,
    "mission" bigint,
    "travel_cost" bigint,
    "other_noncontinuous" bigint,
    "on_call" bigint,
    "haqq_al_saay" bigint,
    "eidi" bigint,
    "year_end_bonus" bigint,
    "end_service" bigint,
    "dismissal" bigint,
    "buyback" bigint,
    "severance" bigint,
    "unused_leave" bigint,
    "fees" bigint,
    "research" bigint,
    "teaching" bigint,
    "noncash_continuous" bigint,
    "noncash_other" bigint,
    "arrears_continuous" bigint,
    "arrears_continuous_noncash" bigint,
    "arrears_other" bigint,
    "arrears_other_noncash" bigint,
    "housing_deducted" bigint,
    "car_deducted" bigint,
    "health_premium" bigint,
    "life_premium" bigint,
    "housing_use" text,
    "car_use" text,
    "declared_premium" bigint,
    "declared_tax" bigint,
    "net_paid" bigint,
    "other_deductions" bigint,
    "main_payer" boolean,
    "education" text,
    "employment_type" text,
    "job_family" text,
    "exemption_type" text,
    "place_status" text,
    "budget_exception" text,
    "insurance_type" text,
    "retirement_date" integer,
    "worker_postal_code" text,
    "worker_address" text,
    "ytd_months" integer,
    "ytd_taxable" bigint,
    "ytd_tax" bigint,
    "ytd_eidi" bigint,
    "ytd_noncash" bigint,

    -- what the line owes: the fields of the SSO's file, then our estimate of the tax (NULL where no rule is known)
    "dsw_mah" bigint NOT NULL,
    "dsw_inc" bigint NOT NULL,
    "dsw_maz" bigint NOT NULL,
    "dsw_mash" bigint NOT NULL,
    "dsw_totl" bigint NOT NULL,
    "dsw_bime" bigint NOT NULL,
    "employer_premium" bigint NOT NULL,
    "unemployment" bigint NOT NULL,
    "hard_job_premium" bigint NOT NULL,
    "employer_waived" boolean NOT NULL,
    "capped" boolean NOT NULL,
    "premium_share" bigint NOT NULL,
    "taxable" bigint NOT NULL,
    "taxable_welfare" bigint NOT NULL,
    "taxable_flat" bigint NOT NULL,
    "eidi_exempt" bigint NOT NULL,
    "noncash_exempt" bigint NOT NULL,
    "tax_estimate" bigint,
    "tax_before_forgiveness" bigint NOT NULL,
    "wh_net_paid" bigint NOT NULL,
    "months_with_pay" integer NOT NULL,

    PRIMARY KEY (workshop_code, list_id, line_row, period)
) PARTITION BY LIST (period);

-- Makes the partition of a month. Attaching a ready table leaves those who write to other months alone.
-- +goose StatementBegin
CREATE FUNCTION shared.make_line_partition(month integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE part text := 'lines_' || month;
BEGIN
    IF month NOT BETWEEN 130001 AND 150012 OR month % 100 NOT BETWEEN 1 AND 12 THEN
        RAISE EXCEPTION 'no such month: %', month;
    END IF;
    IF to_regclass('shared.' || part) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('shared.lines', 0));
    IF to_regclass('shared.' || part) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE shared.%I (LIKE shared.lines INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part);
    EXECUTE format('ALTER TABLE shared.%I ADD CONSTRAINT month CHECK (period = %s)', part, month);
    EXECUTE format('ALTER TABLE shared.lines ATTACH PARTITION shared.%I FOR VALUES IN (%s)', part, month);
    EXECUTE format('ALTER TABLE shared.%I DROP CONSTRAINT month', part);
END $$;
-- +goose StatementEnd
