-- How a policy document is called, spelt as it was given: its text may not say it, and
-- ids are in small letters. Of rows from before, and of others, ''.

-- +goose Up
ALTER TABLE document ADD COLUMN name TEXT COLLATE "C" NOT NULL DEFAULT '';
