-- +goose Up

-- A tax month before 1403 has no file and nobody to send it to: its delivery stands as not addressed and waits for no one.
ALTER TABLE shared.deliveries
    DROP CONSTRAINT deliveries_state_check,
    ADD CONSTRAINT deliveries_state_check CHECK (state IN ('queued', 'sending', 'sent', 'by_hand', 'accepted', 'accepted_with_findings',
                                                           'rejected', 'needs_attention', 'superseded', 'not_addressed')),
    DROP CONSTRAINT deliveries_check1,
    ADD CONSTRAINT deliveries_check1 CHECK (digest IS NOT NULL OR state IN ('queued', 'needs_attention', 'superseded', 'not_addressed'));
UPDATE shared.deliveries SET state = 'not_addressed' WHERE lane = 'tax' AND state = 'needs_attention' AND reason LIKE 'no tax file is made %';
