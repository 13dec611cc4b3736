-- +goose Up

-- What a line does not owe need not be sent: a column left out costs less than one that brings a nought.
-- +goose StatementBegin
DO $$
DECLARE c text;
BEGIN
    FOREACH c IN ARRAY ARRAY['dsw_mah', 'dsw_inc', 'dsw_maz', 'dsw_mash', 'dsw_totl', 'dsw_bime', 'employer_premium', 'unemployment',
        'hard_job_premium', 'premium_share', 'taxable', 'taxable_welfare', 'taxable_flat', 'eidi_exempt', 'noncash_exempt',
        'tax_before_forgiveness', 'wh_net_paid', 'months_with_pay'] LOOP
        EXECUTE format('ALTER TABLE shared.lines ALTER COLUMN %I SET DEFAULT 0', c);
    END LOOP;
    FOREACH c IN ARRAY ARRAY['employer_waived', 'capped'] LOOP
        EXECUTE format('ALTER TABLE shared.lines ALTER COLUMN %I SET DEFAULT false', c);
    END LOOP;
END $$;
-- +goose StatementEnd
