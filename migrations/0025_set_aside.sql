-- +goose Up

-- Answers that changed nothing and that a person is to look at: what they said, and who looked.
ALTER TABLE shared.answers
    ADD COLUMN said_state text NOT NULL DEFAULT '',
    ADD COLUMN settled_at timestamptz,
    ADD COLUMN settled_by uuid;
CREATE INDEX answers_set_aside ON shared.answers (received_at, answer_id)
    WHERE settled_at IS NULL AND outcome IN ('contradicts', 'digest_not_ours', 'unknown_key', 'undecodable');
