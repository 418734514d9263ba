-- What is set up over the API, secrets of the server under keys that are not
-- here, and sign-ins elsewhere that have begun. Nothing of it has a history.

-- +goose Up
CREATE TABLE server_setting (
	name  TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- such as sign-on/entra
	value TEXT COLLATE "C" NOT NULL -- JSON
);

CREATE TABLE sealed (
	place  TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- such as sign-on/entra/client-secret
	sealed BYTEA NOT NULL -- seal.Ring
);

CREATE TABLE sign_on_attempt (
	state       BYTEA NOT NULL PRIMARY KEY, -- hash of what comes back by the browser
	browser     BYTEA NOT NULL, -- hash of the browser's cookie
	provider    TEXT COLLATE "C" NOT NULL,
	return_path TEXT COLLATE "C" NOT NULL,
	expires_ms  BIGINT NOT NULL
);
CREATE INDEX sign_on_attempt_expires ON sign_on_attempt (expires_ms);
