-- Who may do what. Rows of principal, role_assignment and token hold for an
-- interval of commits; the others have no history. Of secrets only hashes are
-- kept.

-- +goose Up
CREATE TABLE principal (
	id         TEXT NOT NULL,
	since      BIGINT NOT NULL,
	until      BIGINT NOT NULL,
	kind       TEXT NOT NULL,
	name       TEXT NOT NULL,
	folded     TEXT NOT NULL, -- access.Fold(name)
	subject    TEXT NOT NULL, -- '' for a user of our own
	disabled   BIGINT NOT NULL,
	created_ms BIGINT NOT NULL,
	PRIMARY KEY (id, since)
);
CREATE UNIQUE INDEX principal_name ON principal (folded, kind) WHERE until = 4611686018427387904;
CREATE UNIQUE INDEX principal_subject ON principal (subject) WHERE until = 4611686018427387904 AND subject <> '';
CREATE INDEX principal_until ON principal (until) WHERE until < 4611686018427387904;

CREATE TABLE role_assignment (
	id        TEXT NOT NULL,
	since     BIGINT NOT NULL,
	until     BIGINT NOT NULL,
	principal TEXT NOT NULL,
	role      TEXT NOT NULL,
	scope     BIGINT NOT NULL,
	PRIMARY KEY (id, since)
);
CREATE UNIQUE INDEX role_assignment_principal ON role_assignment (principal, role, scope) WHERE until = 4611686018427387904;
CREATE INDEX role_assignment_until ON role_assignment (until) WHERE until < 4611686018427387904;

CREATE TABLE token (
	id         TEXT NOT NULL, -- of the secret
	since      BIGINT NOT NULL,
	until      BIGINT NOT NULL,
	kind       TEXT NOT NULL,
	principal  TEXT NOT NULL,
	name       TEXT NOT NULL,
	role       TEXT NOT NULL, -- '' for no limit
	scope      BIGINT NOT NULL,
	created_ms BIGINT NOT NULL,
	expires_ms BIGINT NOT NULL, -- 0 for never
	PRIMARY KEY (id, since)
);
CREATE INDEX token_principal ON token (principal) WHERE until = 4611686018427387904;
CREATE INDEX token_until ON token (until) WHERE until < 4611686018427387904;
-- What is kept of the secret of each token that holds.
CREATE TABLE token_secret (
	id      TEXT NOT NULL PRIMARY KEY,
	hash    BYTEA NOT NULL,
	used_ms BIGINT NOT NULL -- 0 for not yet
) WITHOUT ROWID;

CREATE TABLE password (
	principal TEXT NOT NULL PRIMARY KEY,
	hash      TEXT NOT NULL -- PHC
) WITHOUT ROWID;

CREATE TABLE login (
	id          TEXT NOT NULL PRIMARY KEY, -- of the secret
	kind        TEXT NOT NULL,
	hash        BYTEA NOT NULL,
	principal   TEXT NOT NULL,
	group_names TEXT NOT NULL, -- JSON
	via         TEXT NOT NULL,
	address     TEXT NOT NULL,
	agent       TEXT NOT NULL,
	created_ms  BIGINT NOT NULL,
	used_ms     BIGINT NOT NULL,
	expires_ms  BIGINT NOT NULL,
	idle_ms     BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX login_principal ON login (principal);
CREATE INDEX login_expires ON login (expires_ms);

CREATE TABLE link (
	id         TEXT NOT NULL PRIMARY KEY, -- of the secret
	hash       BYTEA NOT NULL,
	purpose    TEXT NOT NULL,
	principal  TEXT NOT NULL,
	created_ms BIGINT NOT NULL,
	expires_ms BIGINT NOT NULL -- 0 for not until it is used
) WITHOUT ROWID;

CREATE TABLE audit (
	number        INTEGER PRIMARY KEY AUTOINCREMENT,
	at_ms         BIGINT NOT NULL,
	actor         TEXT NOT NULL,
	name          TEXT NOT NULL,
	action        TEXT NOT NULL,
	object        TEXT NOT NULL,
	scope         TEXT NOT NULL,
	commit_number BIGINT NOT NULL, -- 0 for none
	address       TEXT NOT NULL,
	detail        TEXT NOT NULL -- JSON or ''
);
CREATE INDEX audit_actor ON audit (actor, number);
