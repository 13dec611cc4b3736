-- name: Desk :many
WITH mine AS (
    SELECT w.workshop_code FROM registry.workshops w WHERE NOT @every::boolean AND EXISTS (
        SELECT 1 FROM registry.mandates m WHERE m.principal_id = @principal_id AND m.revoked_at IS NULL
            AND (m.expires_at IS NULL OR m.expires_at > @at::timestamptz)
            AND (m.workshop_code = w.workshop_code OR m.employer_id = w.employer_id))),
employers AS (
    SELECT m.employer_id FROM registry.mandates m WHERE m.principal_id = @principal_id AND m.employer_id IS NOT NULL
        AND m.revoked_at IS NULL AND (m.expires_at IS NULL OR m.expires_at > @at))
SELECT d.owner, d.delivery_id, d.lane, d.key, d.version, d.period, d.state, d.digest, d.reference, d.reason, d.attempts,
    d.first_sent_at, d.changed_at,
    COALESCE(d.list_id, (SELECT held.list_id FROM shared.tax_month_lists held WHERE held.tax_month_id = month.tax_month_id
        AND held.version = d.version AND (@every::boolean OR held.workshop_code IN (SELECT workshop_code FROM mine))
        ORDER BY held.workshop_code, held.list_id LIMIT 1)) AS list_id,
    COALESCE(shop.name, '') AS workshop_name, COALESCE(shop.employer_id, month.employer_id, '')::text AS employer_id,
    EXISTS (SELECT 1 FROM shared.deliveries later WHERE later.owner = d.owner AND later.sequence = d.sequence AND later.version > d.version
        AND later.state = 'queued') AS later_waits
FROM shared.deliveries d
LEFT JOIN registry.workshops shop ON d.lane = 'sso' AND shop.workshop_code = d.owner
LEFT JOIN shared.tax_months month ON month.tax_month_id = CASE WHEN d.lane = 'tax' THEN d.owner::uuid END
WHERE (d.state = 'needs_attention' OR d.state = 'sending' AND d.unasked_since IS NOT NULL) AND (@lane::text = '' OR d.lane = @lane)
    AND (d.changed_at, d.delivery_id) > (@after_at::timestamptz, @after_id::uuid) AND d.changed_at <= @since::timestamptz
    AND (@every::boolean OR d.owner IN (SELECT workshop_code FROM mine) OR month.employer_id IN (SELECT employer_id FROM employers) OR EXISTS (
        SELECT 1 FROM shared.tax_month_lists held
        WHERE held.tax_month_id = month.tax_month_id AND held.version = d.version AND held.workshop_code IN (SELECT workshop_code FROM mine)))
ORDER BY d.changed_at, d.delivery_id LIMIT @most::integer;

-- name: ByHand :many
WITH mine AS (
    SELECT w.workshop_code FROM registry.workshops w WHERE NOT @every::boolean AND EXISTS (
        SELECT 1 FROM registry.mandates m WHERE m.principal_id = @principal_id AND m.revoked_at IS NULL
            AND (m.expires_at IS NULL OR m.expires_at > @at::timestamptz)
            AND (m.workshop_code = w.workshop_code OR m.employer_id = w.employer_id))),
employers AS (
    SELECT m.employer_id FROM registry.mandates m WHERE m.principal_id = @principal_id AND m.employer_id IS NOT NULL
        AND m.revoked_at IS NULL AND (m.expires_at IS NULL OR m.expires_at > @at))
SELECT d.owner, d.delivery_id, d.key, d.version, d.period, d.changed_at, parcel.files,
    COALESCE(d.list_id, (SELECT held.list_id FROM shared.tax_month_lists held WHERE held.tax_month_id = month.tax_month_id
        AND held.version = d.version AND (@every::boolean OR held.workshop_code IN (SELECT workshop_code FROM mine))
        ORDER BY held.workshop_code, held.list_id LIMIT 1)) AS list_id,
    COALESCE(shop.name, '') AS workshop_name, COALESCE(shop.employer_id, month.employer_id, '')::text AS employer_id
FROM shared.deliveries d
JOIN shared.parcels parcel ON parcel.owner = d.owner AND parcel.delivery_id = d.delivery_id
LEFT JOIN registry.workshops shop ON d.lane = 'sso' AND shop.workshop_code = d.owner
LEFT JOIN shared.tax_months month ON month.tax_month_id = CASE WHEN d.lane = 'tax' THEN d.owner::uuid END
WHERE d.lane = @lane AND d.state = 'by_hand' AND (d.changed_at, d.delivery_id) > (@after_at::timestamptz, @after_id::uuid)
    AND (@every::boolean OR d.owner IN (SELECT workshop_code FROM mine) OR month.employer_id IN (SELECT employer_id FROM employers) OR EXISTS (
        SELECT 1 FROM shared.tax_month_lists held
        WHERE held.tax_month_id = month.tax_month_id AND held.version = d.version AND held.workshop_code IN (SELECT workshop_code FROM mine)))
ORDER BY d.changed_at, d.delivery_id LIMIT @most::integer;
