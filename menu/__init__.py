"""What the kiosk and the queue server share: the menu's rules and the format of translations."""
