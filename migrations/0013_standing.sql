-- +goose Up

-- What waits for something is counted at every reading of the figures, and swept every minute, among all that ever was.
CREATE INDEX deliveries_waiting ON shared.deliveries (lane, state, changed_at)
    WHERE state IN ('queued', 'sending', 'sent', 'by_hand', 'needs_attention');
CREATE INDEX tax_months_due ON shared.tax_months (due_at) WHERE due_at IS NOT NULL;
