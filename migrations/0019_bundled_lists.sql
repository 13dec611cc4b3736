-- +goose Up

-- A list of a file of many lies in that very file: its findings name rows there, and the same list may come again in another
-- file, from another sender, at other rows. An upload says only where its bytes lay the first time.
ALTER TABLE shared.lists
    ADD COLUMN bundle_id       uuid REFERENCES shared.bundles,
    ADD COLUMN bundle_position integer,
    ADD CHECK ((bundle_id IS NULL) = (bundle_position IS NULL));
UPDATE shared.lists list SET bundle_id = upload.bundle_id, bundle_position = upload.position
FROM shared.uploads upload
WHERE upload.workshop_code = list.workshop_code AND upload.sha256 = list.sha256 AND upload.bundle_id IS NOT NULL;
