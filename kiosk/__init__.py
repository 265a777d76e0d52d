"""The MPP kiosk: a touchscreen in the lobby that hands out queue numbers."""

__version__ = "0.2.0"
