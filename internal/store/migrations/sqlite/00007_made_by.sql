-- By which token a token was made: it goes with that one. Of rows from before nobody
-- knows.

-- +goose Up
ALTER TABLE token ADD COLUMN made_by TEXT NOT NULL DEFAULT '';
CREATE INDEX token_made_by ON token (made_by) WHERE until = 4611686018427387904 AND made_by <> '';
