-- name: WithdrawList :execrows
UPDATE shared.lists SET withdrawn_at = @at::timestamptz
WHERE workshop_code = @workshop_code AND list_id = @list_id AND withdrawn_at IS NULL AND replaced_by IS NULL;

-- name: RestoreReplaced :exec
UPDATE shared.lists SET replaced_by = NULL WHERE workshop_code = @workshop_code AND replaced_by = @list_id::uuid;

-- name: VersionsAtSSO :many
SELECT list_id FROM shared.lists
WHERE workshop_code = @workshop_code AND contract_row = @contract_row AND period = @period AND list_no = @list_no
    AND submitted_sso_at IS NOT NULL AND withdrawn_at IS NULL
ORDER BY version;

-- name: DeletePartsAbove :exec
DELETE FROM shared.part_numbers
WHERE workshop_code = @workshop_code AND contract_row = @contract_row AND period = @period AND of_list_no = @of_list_no AND part > @parts::integer;

-- name: ReplacedList :one
SELECT list_id FROM shared.lists WHERE workshop_code = @workshop_code AND replaced_by = @list_id::uuid ORDER BY version DESC LIMIT 1;

-- name: LanesAsked :one
SELECT lanes_asked FROM shared.lists WHERE workshop_code = @workshop_code AND list_id = @list_id;

-- name: RestsOn :many
-- Supplementary lists in force with rows of no days of persons who stand in the list: their days are there.
SELECT DISTINCT other.list_no FROM shared.lists other
JOIN shared.lines added ON added.workshop_code = other.workshop_code AND added.list_id = other.list_id AND added.period = other.period
JOIN shared.lines own ON own.workshop_code = added.workshop_code AND own.list_id = @list_id AND own.period = added.period AND own.person = added.person
WHERE other.workshop_code = @workshop_code AND other.period = @period AND other.list_id <> @list_id
    AND (other.kind = 'supplementary' OR (other.header ->> 'supplements')::boolean)
    AND other.submitted_sso_at IS NOT NULL AND other.withdrawn_at IS NULL AND other.replaced_by IS NULL
    AND COALESCE(added.days, 0) = 0 AND added.hold IS NOT TRUE AND added.reported_to IN ('both', 'sso') AND own.days > 0
ORDER BY other.list_no;
