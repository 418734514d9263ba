-- How many checks more count in the unit by an effect, where one commit has several that
-- may change that. Of rows from before, and of others, 0.

-- +goose Up
ALTER TABLE effect ADD COLUMN weight BIGINT NOT NULL DEFAULT 0;
