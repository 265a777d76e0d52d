-- Whether the journal that was set aside was bound to this machine and used in this folder, so that no number
-- of it can come any more: only then may the server give its letter again.
ALTER TABLE follows ADD COLUMN ended INTEGER NOT NULL DEFAULT 0 CHECK (ended IN (0, 1));

-- The first date of the letter, where another journal had it before; empty where none had.
ALTER TABLE server ADD COLUMN since TEXT NOT NULL DEFAULT '';
