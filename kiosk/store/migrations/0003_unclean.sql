-- The sessions that followed an unclean stop. A line skips once for each since it was last used:
-- the write that held an earlier skip may itself be one that the disk has lost.
CREATE TABLE unclean (
    session INTEGER PRIMARY KEY
) STRICT;
INSERT INTO unclean SELECT unclean_session FROM journal WHERE unclean_session > 0;
