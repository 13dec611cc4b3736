-- +goose Up

-- The day on which the user says that he took a delivery's files, or its declaration, to the organisation's portal. Null for what a
-- gateway carried.
ALTER TABLE shared.deliveries ADD COLUMN uploaded_at timestamptz;
