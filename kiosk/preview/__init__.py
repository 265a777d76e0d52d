"""``kiosk preview``: pictures of every screen and slip."""
