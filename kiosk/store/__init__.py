"""The journal: every number this kiosk has handed out, and the only SQL there is."""
