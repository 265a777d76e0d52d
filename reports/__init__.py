"""Files for people: the monthly report of an MPP, an album of pictures, a sheet beside the machine.

Kiosk and queue server both use the report: each counts its own tickets (``figures.MonthCounts``),
the rest is the same. Nothing here imports the kiosk or the server. ``workbook``, ``document``,
``album`` and ``sheet`` load openpyxl or reportlab, which take longer to import than the kiosk takes
to show its first frame: import them inside a function of the command (docs/decisions/0016).
"""
