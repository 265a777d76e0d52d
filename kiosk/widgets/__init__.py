"""Widgets that the screens share, as pairs of a ``.py`` and a ``.kv`` file."""
