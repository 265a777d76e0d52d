"""What staff configure on this machine: ``kiosk.yaml`` and ``ticket.yaml``, beside the menu.

``load_settings`` reads all three files. The reader itself, and ``agencies.yaml``, are in the
package ``menu``, which the queue server shares. Nothing here knows a screen or a printer.
"""

from kiosk.settings.loader import Checked, check_settings, load_settings
from kiosk.settings.locale import load_words
from menu.problems import FileProblem

__all__ = ["Checked", "FileProblem", "check_settings", "load_settings", "load_words"]
