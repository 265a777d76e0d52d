"""A whole kiosk process is killed at each of its steps; the printer runs in another process."""
