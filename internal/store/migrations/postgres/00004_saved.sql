-- What people keep for themselves and for others: views, preferences, jobs with
-- their results. None of it has a history.

-- +goose Up
CREATE TABLE saved_view (
	id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	owner      TEXT COLLATE "C" NOT NULL, -- id of a principal
	name       TEXT COLLATE "C" NOT NULL,
	page       TEXT COLLATE "C" NOT NULL,
	scope      TEXT COLLATE "C" NOT NULL,
	shared     BIGINT NOT NULL,
	parameters TEXT COLLATE "C" NOT NULL, -- JSON
	created_ms BIGINT NOT NULL,
	changed_ms BIGINT NOT NULL
);
CREATE INDEX saved_view_owner ON saved_view (owner);

CREATE TABLE preference (
	principal  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	value      TEXT COLLATE "C" NOT NULL, -- JSON
	changed_ms BIGINT NOT NULL
);

CREATE TABLE job (
	id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	kind       TEXT COLLATE "C" NOT NULL,
	owner      TEXT COLLATE "C" NOT NULL, -- id of a principal
	name       TEXT COLLATE "C" NOT NULL,
	state      TEXT COLLATE "C" NOT NULL,
	spec       TEXT COLLATE "C" NOT NULL, -- JSON
	answer     TEXT COLLATE "C" NOT NULL, -- JSON or ''
	message    TEXT COLLATE "C" NOT NULL,
	done       BIGINT NOT NULL,
	total      BIGINT NOT NULL,
	unit       TEXT COLLATE "C" NOT NULL,
	file       TEXT COLLATE "C" NOT NULL, -- name of the result, '' for none
	type       TEXT COLLATE "C" NOT NULL, -- of the result, as of HTTP
	size       BIGINT NOT NULL, -- of the result, in bytes
	process    TEXT COLLATE "C" NOT NULL, -- that works on it
	stop       BIGINT NOT NULL, -- it is to be cancelled
	beat_ms    BIGINT NOT NULL, -- when the process last said that it is alive
	created_ms BIGINT NOT NULL,
	ended_ms   BIGINT NOT NULL, -- 0 for not yet
	expires_ms BIGINT NOT NULL  -- of the result
);
CREATE INDEX job_owner ON job (owner, created_ms);
CREATE INDEX job_created ON job (created_ms);
CREATE INDEX job_working ON job (beat_ms) WHERE ended_ms = 0;

-- The result of a job, in parts, each of them packed.
CREATE TABLE job_part (
	job   TEXT COLLATE "C" NOT NULL,
	place BIGINT NOT NULL,
	data  BYTEA NOT NULL,
	PRIMARY KEY (job, place)
);
