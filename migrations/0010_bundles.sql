-- +goose Up

-- A file of many lists: its bytes are kept once, in a commit of their own, before the first of its lists is judged. Global:
-- its lists belong to several workshops. Its key is the sender's; asked is how he wants the lists read and sent.
CREATE TABLE shared.bundles (
    bundle_id    uuid PRIMARY KEY,
    principal_id uuid NOT NULL REFERENCES registry.principals,
    route        text NOT NULL,
    key          text NOT NULL CHECK (length(key) <= 200),
    body         bytea NOT NULL CHECK (length(body) = 32),
    sha256       bytea NOT NULL CHECK (length(sha256) = 32),
    size         bigint NOT NULL CHECK (size >= 0),
    file_name    text NOT NULL,
    asked        json NOT NULL,
    received_at  timestamptz NOT NULL,
    receipt      json NOT NULL,
    ended_at     timestamptz,
    UNIQUE (principal_id, route, key)
);
CREATE TABLE shared.bundle_bytes (
    bundle_id uuid NOT NULL REFERENCES shared.bundles ON DELETE CASCADE,
    piece     integer NOT NULL,
    bytes     bytea NOT NULL,
    PRIMARY KEY (bundle_id, piece)
);
ALTER TABLE shared.bundle_bytes ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- What became of each list of the file. A kept one's answer is found by the key it was submitted with; of one of which
-- nothing is kept the problem stands here.
CREATE TABLE shared.bundle_lists (
    bundle_id uuid NOT NULL REFERENCES shared.bundles ON DELETE CASCADE,
    position  integer NOT NULL CHECK (position >= 0),
    problem   json,
    ended_at  timestamptz NOT NULL,
    PRIMARY KEY (bundle_id, position)
);

-- The bytes of such a list are its place in the bundle's.
ALTER TABLE shared.uploads
    ADD COLUMN bundle_id uuid REFERENCES shared.bundles,
    ADD COLUMN position  integer,
    ADD CHECK ((bundle_id IS NULL) = (position IS NULL));

-- What a client's ambiguous column titles mean, as the sender answered MAP-01 once.
CREATE TABLE registry.title_answers (
    employer_id  text NOT NULL REFERENCES registry.employers,
    title        text NOT NULL CHECK (length(title) <= 200),
    key          text NOT NULL,
    principal_id uuid NOT NULL REFERENCES registry.principals,
    told_at      timestamptz NOT NULL,
    PRIMARY KEY (employer_id, title)
);
