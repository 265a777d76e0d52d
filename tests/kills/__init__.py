"""The whole kiosk, killed at each of its steps, before a printer in a process of its own."""
