-- The same tables and columns as in ../postgres; a test compares them.
-- An interval that has no end yet ends at 4611686018427387904 (ledger.Open).

-- +goose Up
CREATE TABLE setting (
	name  TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
) WITHOUT ROWID;

-- Words that rows repeat, by number. Number 0 is the empty word and has no row.
CREATE TABLE type_name (
	number INTEGER PRIMARY KEY AUTOINCREMENT,
	folded TEXT NOT NULL UNIQUE,
	name   TEXT NOT NULL
);
CREATE TABLE scope_name (
	number INTEGER PRIMARY KEY AUTOINCREMENT,
	folded TEXT NOT NULL UNIQUE,
	name   TEXT NOT NULL
);

CREATE TABLE commit_log (
	number        INTEGER PRIMARY KEY,
	at_ms         BIGINT NOT NULL,
	actor         TEXT NOT NULL,
	kind          TEXT NOT NULL,
	object        TEXT NOT NULL,
	words         TEXT NOT NULL,
	last_resource BIGINT NOT NULL -- the highest number of a resource right after the commit
);
CREATE INDEX commit_log_at ON commit_log (at_ms);

CREATE TABLE resource (
	number INTEGER PRIMARY KEY,
	key    BIGINT NOT NULL UNIQUE, -- of the identity, ledger.KeyOf
	id     TEXT NOT NULL,
	type   BIGINT NOT NULL,
	unit   BIGINT NOT NULL,
	grp    BIGINT NOT NULL,
	name   TEXT NOT NULL,
	cloud  TEXT NOT NULL,
	region TEXT NOT NULL
);
CREATE INDEX resource_unit ON resource (unit, type, number);

CREATE TABLE body_dictionary (
	number  INTEGER PRIMARY KEY AUTOINCREMENT,
	type    BIGINT NOT NULL,
	samples BIGINT NOT NULL,
	data    BYTEA NOT NULL
);
CREATE TABLE body (
	number     INTEGER PRIMARY KEY AUTOINCREMENT,
	hash       BYTEA NOT NULL UNIQUE,
	type       BIGINT NOT NULL,
	dictionary BIGINT NOT NULL, -- that data is compressed with, 0 for none
	size       BIGINT NOT NULL, -- of the record, in bytes
	data       BYTEA NOT NULL
);
CREATE TABLE facts (
	number INTEGER PRIMARY KEY AUTOINCREMENT,
	hash   BYTEA NOT NULL UNIQUE,
	partial BIGINT NOT NULL, -- the body was not read completely; json says it too
	json   TEXT NOT NULL
);
CREATE TABLE version (
	resource BIGINT NOT NULL,
	since    BIGINT NOT NULL,
	until    BIGINT NOT NULL,
	body     BIGINT NOT NULL,
	facts    BIGINT NOT NULL,
	PRIMARY KEY (resource, since)
) WITHOUT ROWID;
CREATE INDEX version_since ON version (since);
CREATE INDEX version_until ON version (until) WHERE until < 4611686018427387904;

CREATE TABLE evaluation (
	number     INTEGER PRIMARY KEY,
	rule       TEXT NOT NULL,
	parameters TEXT NOT NULL,
	definition BYTEA NOT NULL,
	UNIQUE (rule, parameters, definition)
);
CREATE TABLE tuple (
	number   INTEGER PRIMARY KEY AUTOINCREMENT,
	hash     BYTEA NOT NULL UNIQUE,
	verdicts BYTEA NOT NULL
);
CREATE TABLE judged (
	resource BIGINT NOT NULL,
	since    BIGINT NOT NULL,
	until    BIGINT NOT NULL,
	tuple    BIGINT NOT NULL,
	PRIMARY KEY (resource, since)
) WITHOUT ROWID;
CREATE INDEX judged_since ON judged (since);
CREATE INDEX judged_until ON judged (until) WHERE until < 4611686018427387904;

CREATE TABLE read_record (
	scope          BIGINT NOT NULL,
	type           BIGINT NOT NULL,
	since          BIGINT NOT NULL,
	until          BIGINT NOT NULL,
	complete       BIGINT NOT NULL,
	gaps           TEXT NOT NULL,
	stale          BIGINT NOT NULL,
	stale_since_ms BIGINT NOT NULL,
	started_ms     BIGINT NOT NULL, -- of the last read; changes without a commit
	PRIMARY KEY (scope, type, since)
) WITHOUT ROWID;
CREATE INDEX read_record_since ON read_record (since);
CREATE INDEX read_record_until ON read_record (until) WHERE until < 4611686018427387904;

CREATE TABLE scope (
	id     BIGINT NOT NULL,
	since  BIGINT NOT NULL,
	until  BIGINT NOT NULL,
	parent BIGINT NOT NULL,
	kind   BIGINT NOT NULL,
	name   TEXT NOT NULL,
	cloud  TEXT NOT NULL,
	named  BIGINT NOT NULL,
	PRIMARY KEY (id, since)
) WITHOUT ROWID;
CREATE INDEX scope_since ON scope (since);
CREATE INDEX scope_until ON scope (until) WHERE until < 4611686018427387904;

CREATE TABLE document (
	kind  TEXT NOT NULL,
	id    TEXT NOT NULL,
	since BIGINT NOT NULL,
	until BIGINT NOT NULL,
	scope BIGINT NOT NULL,
	hash  BYTEA NOT NULL,
	text  BYTEA NOT NULL,
	PRIMARY KEY (kind, id, since)
);
CREATE INDEX document_since ON document (since);
CREATE INDEX document_until ON document (until) WHERE until < 4611686018427387904;

CREATE TABLE unit_score (
	unit   BIGINT NOT NULL,
	since  BIGINT NOT NULL,
	until  BIGINT NOT NULL,
	counts BYTEA NOT NULL,
	PRIMARY KEY (unit, since)
) WITHOUT ROWID;
CREATE INDEX unit_score_since ON unit_score (since);
CREATE INDEX unit_score_until ON unit_score (until) WHERE until < 4611686018427387904;

CREATE TABLE effect (
	number BIGINT NOT NULL, -- of the commit
	place  BIGINT NOT NULL, -- among the commit's effects
	unit   BIGINT NOT NULL,
	cause  TEXT NOT NULL,
	object TEXT NOT NULL,
	points DOUBLE PRECISION NOT NULL,
	PRIMARY KEY (number, place)
) WITHOUT ROWID;
