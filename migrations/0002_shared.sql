-- +goose Up

CREATE SCHEMA shared;

-- The bytes as they came, in pieces, so that neither side ever holds a whole file.
CREATE TABLE shared.uploads (
    workshop_code text NOT NULL REFERENCES registry.workshops,
    sha256        bytea NOT NULL CHECK (length(sha256) = 32),
    size          bigint NOT NULL CHECK (size >= 0),
    stored_at     timestamptz NOT NULL,
    PRIMARY KEY (workshop_code, sha256)
);
CREATE TABLE shared.upload_parts (
    workshop_code text NOT NULL,
    sha256        bytea NOT NULL,
    part          integer NOT NULL,
    bytes         bytea NOT NULL,
    PRIMARY KEY (workshop_code, sha256, part),
    FOREIGN KEY (workshop_code, sha256) REFERENCES shared.uploads ON DELETE CASCADE
);
ALTER TABLE shared.upload_parts ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- One version of one list. A draft and a rejected list have no version. A list's state is derived, never stored.
CREATE TABLE shared.lists (
    workshop_code    text NOT NULL REFERENCES registry.workshops,
    list_id          uuid NOT NULL,
    contract_row     text NOT NULL CHECK (contract_row ~ '^[0-9]{3}$'),
    period           integer NOT NULL CHECK (period BETWEEN 130001 AND 150012 AND period % 100 BETWEEN 1 AND 12),
    list_no          text NOT NULL CHECK (list_no ~ '^[0-9]{2,12}$'),
    version          integer CHECK (version > 0),
    kind             text NOT NULL CHECK (kind IN ('original', 'replacement', 'change', 'supplementary', 'nil')),
    employer_id      text NOT NULL REFERENCES registry.employers,
    tax_file_no      text NOT NULL,
    tax_period       integer NOT NULL CHECK (tax_period % 100 BETWEEN 1 AND 12),
    header           jsonb NOT NULL,
    tracking_code    text NOT NULL CHECK (tracking_code ~ '^[1-9][0-9]{11}$'),
    sha256           bytea NOT NULL,
    file_name        text NOT NULL,
    format           text NOT NULL,
    principal_id     uuid NOT NULL REFERENCES registry.principals,
    received_at      timestamptz NOT NULL,
    law_file         text NOT NULL,
    lanes_asked      text NOT NULL CHECK (lanes_asked IN ('both', 'sso', 'tax')),
    verdict_sso      text NOT NULL CHECK (verdict_sso IN ('not_addressed', 'accepted', 'accepted_with_warnings', 'rejected')),
    verdict_tax      text NOT NULL CHECK (verdict_tax IN ('not_addressed', 'accepted', 'accepted_with_warnings', 'rejected')),
    submitted_sso_at timestamptz,
    submitted_tax_at timestamptz,
    withdrawn_at     timestamptz,
    replaced_by      uuid,
    workers          integer NOT NULL CHECK (workers >= 0),
    held_rows        integer[] NOT NULL,
    totals           jsonb NOT NULL,
    receipt          json NOT NULL,
    PRIMARY KEY (workshop_code, list_id),
    FOREIGN KEY (workshop_code, sha256) REFERENCES shared.uploads,
    FOREIGN KEY (workshop_code, replaced_by) REFERENCES shared.lists DEFERRABLE INITIALLY DEFERRED,
    UNIQUE (workshop_code, contract_row, period, list_no, version),
    CHECK ((version IS NULL) = (submitted_sso_at IS NULL AND submitted_tax_at IS NULL)),
    CHECK (submitted_sso_at IS NULL OR verdict_sso IN ('accepted', 'accepted_with_warnings')),
    CHECK (submitted_tax_at IS NULL OR verdict_tax IN ('accepted', 'accepted_with_warnings'))
);
-- One version of an identity is in force at a time.
CREATE UNIQUE INDEX lists_in_force ON shared.lists (workshop_code, contract_row, period, list_no)
    WHERE version IS NOT NULL AND withdrawn_at IS NULL AND replaced_by IS NULL;
CREATE INDEX lists_identity ON shared.lists (workshop_code, contract_row, period, list_no, sha256);
CREATE INDEX lists_newest ON shared.lists (workshop_code, received_at DESC, list_id DESC);
CREATE INDEX lists_tax_month ON shared.lists (employer_id, tax_file_no, tax_period) WHERE submitted_tax_at IS NOT NULL;

-- Where a list lies, found by what its sender holds. Global.
CREATE TABLE shared.tracking (
    tracking_code text PRIMARY KEY,
    list_id       uuid NOT NULL UNIQUE,
    workshop_code text NOT NULL
);

CREATE TABLE shared.findings (
    workshop_code text NOT NULL,
    list_id       uuid NOT NULL,
    report        json NOT NULL,
    PRIMARY KEY (workshop_code, list_id),
    FOREIGN KEY (workshop_code, list_id) REFERENCES shared.lists ON DELETE CASCADE
);

-- The tax month: all lists of an employer's tax file and month. due_at is set while a change waits to be cut.
CREATE TABLE shared.tax_months (
    tax_month_id uuid PRIMARY KEY,
    employer_id  text NOT NULL REFERENCES registry.employers,
    tax_file_no  text NOT NULL,
    period       integer NOT NULL CHECK (period % 100 BETWEEN 1 AND 12),
    due_at       timestamptz,
    version      integer NOT NULL DEFAULT 0,
    UNIQUE (employer_id, tax_file_no, period)
);
CREATE TABLE shared.tax_month_versions (
    tax_month_id uuid NOT NULL REFERENCES shared.tax_months,
    version      integer NOT NULL CHECK (version > 0),
    cut_at       timestamptz NOT NULL,
    persons      integer NOT NULL,
    taxable      bigint NOT NULL,
    tax_estimate bigint NOT NULL,
    PRIMARY KEY (tax_month_id, version)
);
-- Which list versions a version of the tax month holds; a later list whose files come out equal joins the earlier version.
CREATE TABLE shared.tax_month_lists (
    tax_month_id  uuid NOT NULL,
    version       integer NOT NULL,
    workshop_code text NOT NULL,
    list_id       uuid NOT NULL,
    PRIMARY KEY (tax_month_id, version, workshop_code, list_id),
    FOREIGN KEY (tax_month_id, version) REFERENCES shared.tax_month_versions
);
CREATE INDEX tax_month_lists_list ON shared.tax_month_lists (workshop_code, list_id);
-- The figures later months of the year build on.
CREATE TABLE shared.tax_month_persons (
    tax_month_id       uuid NOT NULL,
    version            integer NOT NULL,
    person             text NOT NULL,
    position           integer NOT NULL,
    taxable            bigint NOT NULL,
    taxable_welfare    bigint NOT NULL,
    tax_estimate       bigint,
    before_forgiveness bigint NOT NULL,
    eidi_exempt        bigint NOT NULL,
    noncash_exempt     bigint NOT NULL,
    opened             boolean NOT NULL,
    PRIMARY KEY (tax_month_id, version, person),
    FOREIGN KEY (tax_month_id, version) REFERENCES shared.tax_month_versions
);

-- What an organisation gets: one list version, or one version of a tax month. owner is the workshop_code of the first and
-- the tax_month_id of the second; sequence is the key without its version. shares names the earlier delivery whose files
-- are the same bytes: its state stands for both.
CREATE TABLE shared.deliveries (
    owner           text NOT NULL,
    delivery_id     uuid NOT NULL,
    lane            text NOT NULL CHECK (lane IN ('sso', 'tax')),
    key             text NOT NULL,
    sequence        text NOT NULL,
    version         integer NOT NULL CHECK (version > 0),
    list_id         uuid,
    period          integer NOT NULL,
    state           text NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'by_hand', 'accepted', 'accepted_with_findings',
                                                   'rejected', 'needs_attention', 'superseded')),
    digest          bytea CHECK (length(digest) = 32),
    reference       text NOT NULL DEFAULT '',
    shares          uuid,
    reason          text NOT NULL DEFAULT '',
    attempts        integer NOT NULL DEFAULT 0,
    inquire_at      timestamptz,
    inquiries       integer NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL,
    first_sent_at   timestamptz,
    changed_at      timestamptz NOT NULL,
    decided_at      timestamptz,
    PRIMARY KEY (owner, delivery_id),
    UNIQUE (owner, key),
    UNIQUE (owner, sequence, version),
    CHECK ((lane = 'sso') = (list_id IS NOT NULL)),
    -- Bytes and digest are on record before the first byte leaves.
    CHECK (digest IS NOT NULL OR state IN ('queued', 'needs_attention', 'superseded'))
);
-- Versions go one at a time.
CREATE UNIQUE INDEX deliveries_one_at_a_time ON shared.deliveries (owner, sequence) WHERE state IN ('sending', 'sent');
CREATE INDEX deliveries_list ON shared.deliveries (owner, list_id) WHERE list_id IS NOT NULL;
CREATE INDEX deliveries_inquiry ON shared.deliveries (lane, inquire_at) WHERE state = 'sent';

CREATE TABLE shared.parcels (
    owner       text NOT NULL,
    delivery_id uuid NOT NULL,
    digest      bytea NOT NULL CHECK (digest = sha256(bytes)),
    bytes       bytea NOT NULL,
    files       text[] NOT NULL, -- names of what is in it
    made_at     timestamptz NOT NULL,
    PRIMARY KEY (owner, delivery_id),
    FOREIGN KEY (owner, delivery_id) REFERENCES shared.deliveries
);
ALTER TABLE shared.parcels ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- Raw bytes first; what became of them is written after.
CREATE TABLE shared.answers (
    answer_id   uuid PRIMARY KEY,
    lane        text NOT NULL CHECK (lane IN ('sso', 'tax')),
    source      text NOT NULL CHECK (source IN ('posted', 'inquired', 'hand')),
    received_at timestamptz NOT NULL,
    raw         bytea NOT NULL,
    outcome     text NOT NULL DEFAULT 'kept' CHECK (outcome IN ('kept', 'stored', 'repeated', 'stale', 'contradicts', 'unknown_key',
                                                                'digest_not_ours', 'undecodable')),
    owner       text,
    delivery_id uuid,
    said_id     text,
    FOREIGN KEY (owner, delivery_id) REFERENCES shared.deliveries
);
CREATE INDEX answers_delivery ON shared.answers (owner, delivery_id, said_id);

CREATE TABLE shared.answer_findings (
    owner       text NOT NULL,
    delivery_id uuid NOT NULL,
    position    integer NOT NULL,
    code        text NOT NULL,
    message     text NOT NULL,
    person      text NOT NULL,
    field       text NOT NULL,
    PRIMARY KEY (owner, delivery_id, position),
    FOREIGN KEY (owner, delivery_id) REFERENCES shared.deliveries
);
CREATE TABLE shared.payments (
    owner       text NOT NULL,
    delivery_id uuid NOT NULL,
    slip        text NOT NULL,
    list_no     text NOT NULL,
    amount      bigint NOT NULL CHECK (amount >= 0),
    due         text NOT NULL,
    state       text NOT NULL CHECK (state IN ('open', 'collected', 'void')),
    PRIMARY KEY (owner, delivery_id, slip),
    FOREIGN KEY (owner, delivery_id) REFERENCES shared.deliveries
);
CREATE TABLE shared.worker_taxes (
    owner             text NOT NULL,
    delivery_id       uuid NOT NULL,
    person            text NOT NULL,
    tax               bigint NOT NULL CHECK (tax >= 0),
    months            integer NOT NULL,
    several_employers boolean NOT NULL,
    PRIMARY KEY (owner, delivery_id, person),
    FOREIGN KEY (owner, delivery_id) REFERENCES shared.deliveries
);

-- One answer a key: scope is principal and route, the body is the content's SHA-256 and the query.
CREATE TABLE shared.idempotency (
    principal_id  uuid NOT NULL,
    route         text NOT NULL,
    key           text NOT NULL CHECK (length(key) <= 200),
    body          bytea NOT NULL CHECK (length(body) = 32),
    workshop_code text NOT NULL,
    list_id       uuid NOT NULL,
    outcome       text NOT NULL CHECK (outcome IN ('submitted', 'draft', 'repeated', 'rejected')),
    held_lane     text NOT NULL DEFAULT '' CHECK (held_lane IN ('', 'sso', 'tax')),
    created_at    timestamptz NOT NULL,
    PRIMARY KEY (principal_id, route, key),
    FOREIGN KEY (workshop_code, list_id) REFERENCES shared.lists
);

-- Messages of organisations that have been heard, for as long as a copy of one could still be taken for new.
CREATE TABLE shared.nonces (
    key_id  text NOT NULL,
    nonce   text NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (key_id, nonce)
);
CREATE INDEX nonces_seen ON shared.nonces (seen_at);
