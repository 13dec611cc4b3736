-- name: Standing :many
SELECT lane, state, count(*)::integer AS depth, min(changed_at)::timestamptz AS oldest FROM shared.deliveries
WHERE state IN ('queued', 'sending', 'sent', 'by_hand', 'needs_attention') GROUP BY lane, state
UNION ALL
SELECT 'tax', 'due', count(*)::integer, min(due_at)::timestamptz FROM shared.tax_months WHERE due_at IS NOT NULL HAVING count(*) > 0;

-- name: AwaitingSeal :one
SELECT (SELECT count(*) FROM audit.unsealed)::integer AS rows,
    COALESCE((SELECT (log.document::jsonb ->> 'at')::timestamptz FROM audit.unsealed JOIN audit.log ON log.row_id = unsealed.row_id
              ORDER BY unsealed.row_id LIMIT 1), 'epoch')::timestamptz AS oldest;
