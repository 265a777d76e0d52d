"""What staff configure: YAML files read, checked and turned into the domain's values.

``load_settings`` is the way in. Nothing here knows a screen, a printer or a database.
"""

from kiosk.settings.loader import Checked, check_settings, describe, load_settings
from kiosk.settings.locale import load_words
from kiosk.settings.problems import Problem

__all__ = ["Checked", "Problem", "check_settings", "describe", "load_settings", "load_words"]
