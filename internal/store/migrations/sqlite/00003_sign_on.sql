-- What is set up over the API, secrets of the server under keys that are not
-- here, and sign-ins elsewhere that have begun. Nothing of it has a history.

-- +goose Up
CREATE TABLE server_setting (
	name  TEXT NOT NULL PRIMARY KEY, -- such as sign-on/entra
	value TEXT NOT NULL -- JSON
) WITHOUT ROWID;

CREATE TABLE sealed (
	place  TEXT NOT NULL PRIMARY KEY, -- such as sign-on/entra/client-secret
	sealed BLOB NOT NULL -- seal.Ring
) WITHOUT ROWID;

CREATE TABLE sign_on_attempt (
	state       BLOB NOT NULL PRIMARY KEY, -- hash of what comes back by the browser
	browser     BLOB NOT NULL, -- hash of the browser's cookie
	provider    TEXT NOT NULL,
	return_path TEXT NOT NULL,
	expires_ms  BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sign_on_attempt_expires ON sign_on_attempt (expires_ms);
