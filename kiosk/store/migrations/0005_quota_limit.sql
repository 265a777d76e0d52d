-- How many numbers the limit allowed when the server said how many were left: a limit for a part of
-- the day must not go on after its end. NULL: the server's word counts for the whole day.
ALTER TABLE quota ADD COLUMN most INTEGER;
