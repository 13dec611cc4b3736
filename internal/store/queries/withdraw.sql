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
