-- Which resources a stale read is about: those that the later read did not have, as
-- ledger.Numbers writes them. Of rows from before, all.

-- +goose Up
ALTER TABLE read_record ADD COLUMN missed TEXT NOT NULL DEFAULT '';
UPDATE read_record SET missed = '1-4294967295' WHERE stale <> 0;
