"""Bytes to a printer and answers from it; the only package that knows ESC/POS.

``encoder`` turns a slip into bytes, a ``transport`` carries them, ``replies`` parses what comes
back, ``dialogue`` matches answers to questions, ``status_protocol`` knows what to ask,
``job_result`` decides whether a slip was printed. ``session`` keeps one connection; ``direct`` and
``queued`` are the two kinds of printer.
"""
