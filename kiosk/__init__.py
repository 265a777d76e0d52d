"""The MPP kiosk: a touchscreen in the lobby that hands out queue numbers."""

__version__ = "0.2.0"

RELEASED = "2026-11-27"
"""The date of the latest release in CHANGELOG (ISO 8601). No clock before it is believed."""
