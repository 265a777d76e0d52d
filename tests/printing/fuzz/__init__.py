"""A scripted printer that answers arbitrary bytes, and the check of the kiosk's results."""
