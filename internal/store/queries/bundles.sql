-- name: AddBundle :exec
INSERT INTO shared.bundles (bundle_id, principal_id, route, key, body, sha256, size, file_name, asked, received_at, receipt)
VALUES (@bundle_id, @principal_id, @route, @key, @body, @sha256, @size, @file_name, @asked, @received_at, @receipt);

-- name: AddBundleBytes :exec
INSERT INTO shared.bundle_bytes (bundle_id, piece, bytes) VALUES (@bundle_id, @piece, @bytes);

-- name: BundleBytes :one
SELECT bytes FROM shared.bundle_bytes WHERE bundle_id = @bundle_id AND piece = @piece;

-- name: BundleByKey :one
SELECT bundle_id, principal_id, route, key, body, sha256, size, file_name, asked, received_at, receipt, ended_at FROM shared.bundles
WHERE principal_id = @principal_id AND route = @route AND key = @key;

-- name: BundleByID :one
SELECT bundle_id, principal_id, route, key, body, sha256, size, file_name, asked, received_at, receipt, ended_at FROM shared.bundles
WHERE bundle_id = @bundle_id;

-- name: OpenBundles :many
SELECT bundle_id FROM shared.bundles WHERE ended_at IS NULL AND received_at < @before ORDER BY received_at LIMIT @most::integer;

-- name: EndBundle :exec
UPDATE shared.bundles SET ended_at = @ended_at::timestamptz WHERE bundle_id = @bundle_id AND ended_at IS NULL;

-- name: AddBundleList :exec
INSERT INTO shared.bundle_lists (bundle_id, position, problem, ended_at) VALUES (@bundle_id, @position, sqlc.narg(problem)::json, @ended_at)
ON CONFLICT DO NOTHING;

-- name: BundleLists :many
SELECT position, problem, ended_at FROM shared.bundle_lists WHERE bundle_id = @bundle_id ORDER BY position;

-- name: AddBundledUpload :exec
INSERT INTO shared.uploads (workshop_code, sha256, size, stored_at, bundle_id, position)
VALUES (@workshop_code, @sha256, 0, @stored_at, @bundle_id, @position)
ON CONFLICT DO NOTHING;

-- name: BundleOfList :one
SELECT COALESCE(list.bundle_id, upload.bundle_id) AS bundle_id, COALESCE(list.bundle_position, upload.position, 0)::integer AS position
FROM shared.lists list
JOIN shared.uploads upload ON upload.workshop_code = list.workshop_code AND upload.sha256 = list.sha256
WHERE list.workshop_code = @workshop_code AND list.list_id = @list_id;

-- name: TitleAnswers :many
SELECT title, key FROM registry.title_answers WHERE employer_id = @employer_id ORDER BY title;

-- name: AnswerTitle :exec
INSERT INTO registry.title_answers (employer_id, title, key, principal_id, told_at)
VALUES (@employer_id, @title, @key, @principal_id, @told_at)
ON CONFLICT (employer_id, title) DO UPDATE SET key = excluded.key, principal_id = excluded.principal_id, told_at = excluded.told_at;

-- name: ForgetTitles :exec
DELETE FROM registry.title_answers WHERE employer_id = @employer_id AND NOT title = ANY(@titles::text[]);
