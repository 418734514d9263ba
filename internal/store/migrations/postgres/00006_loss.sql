-- What of inventories could not be read, by where it may have been.

-- +goose Up
CREATE TABLE loss (
	scope  BIGINT NOT NULL,
	type   BIGINT NOT NULL,
	since  BIGINT NOT NULL,
	until  BIGINT NOT NULL,
	total  BIGINT NOT NULL, -- places
	places TEXT COLLATE "C" NOT NULL, -- the first of them
	at_ms  BIGINT NOT NULL, -- of the newest read that lost something; changes without a commit
	PRIMARY KEY (scope, type, since)
);
CREATE INDEX loss_since ON loss (since);
CREATE INDEX loss_until ON loss (until) WHERE until < 4611686018427387904;
