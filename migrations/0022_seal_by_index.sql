-- +goose Up

-- The sealer's sessions live long and keep the plan they made when nothing waited and no statistics were there; with a backlog
-- they searched the whole of it, or the whole log, once a round or even once a row. What is sealed is always few rows by their
-- keys.
ALTER FUNCTION audit.seal(integer, timestamptz) SET enable_seqscan = off;
ALTER FUNCTION audit.seal(integer, timestamptz) SET enable_hashjoin = off;
ALTER FUNCTION audit.seal(integer, timestamptz) SET enable_mergejoin = off;
