"""The oracle: what lies in the printer's tray against what journal and screen say of it."""
