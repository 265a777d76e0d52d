"""The monthly report of an MPP: figures, and the files made of them.

Kiosk and queue server both use it: each counts its own tickets (``figures.MonthCounts``), the rest
is the same. Nothing here imports the kiosk or the server. ``workbook`` and ``document`` load
openpyxl and reportlab, which take longer to import than the kiosk takes to show its first frame:
import them inside a function of the command (docs/decisions/0016).
"""
