-- What people keep for themselves and for others: views, preferences, jobs with
-- their results. None of it has a history.

-- +goose Up
CREATE TABLE saved_view (
	id         TEXT NOT NULL PRIMARY KEY,
	owner      TEXT NOT NULL, -- id of a principal
	name       TEXT NOT NULL,
	page       TEXT NOT NULL,
	scope      TEXT NOT NULL,
	shared     BIGINT NOT NULL,
	parameters TEXT NOT NULL, -- JSON
	created_ms BIGINT NOT NULL,
	changed_ms BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX saved_view_owner ON saved_view (owner);

CREATE TABLE preference (
	principal  TEXT NOT NULL PRIMARY KEY,
	value      TEXT NOT NULL, -- JSON
	changed_ms BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE job (
	id         TEXT NOT NULL PRIMARY KEY,
	kind       TEXT NOT NULL,
	owner      TEXT NOT NULL, -- id of a principal
	name       TEXT NOT NULL,
	state      TEXT NOT NULL,
	spec       TEXT NOT NULL, -- JSON
	answer     TEXT NOT NULL, -- JSON or ''
	message    TEXT NOT NULL,
	done       BIGINT NOT NULL,
	total      BIGINT NOT NULL,
	unit       TEXT NOT NULL,
	file       TEXT NOT NULL, -- name of the result, '' for none
	type       TEXT NOT NULL, -- of the result, as of HTTP
	size       BIGINT NOT NULL, -- of the result, in bytes
	process    TEXT NOT NULL, -- that works on it
	stop       BIGINT NOT NULL, -- it is to be cancelled
	beat_ms    BIGINT NOT NULL, -- when the process last said that it is alive
	created_ms BIGINT NOT NULL,
	ended_ms   BIGINT NOT NULL, -- 0 for not yet
	expires_ms BIGINT NOT NULL  -- of the result
) WITHOUT ROWID;
CREATE INDEX job_owner ON job (owner, created_ms);
CREATE INDEX job_created ON job (created_ms);
CREATE INDEX job_working ON job (beat_ms) WHERE ended_ms = 0;

-- The result of a job, in parts, each of them packed.
CREATE TABLE job_part (
	job   TEXT NOT NULL,
	place BIGINT NOT NULL,
	data  BYTEA NOT NULL,
	PRIMARY KEY (job, place)
);
