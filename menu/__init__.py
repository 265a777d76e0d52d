"""The menu of an MPP: what ``agencies.yaml`` may contain, and the catalogue that it describes.

Kiosk and queue server both read that file, and both import this package; it imports neither, so
that a menu is read, checked and scheduled by one implementation. The parts:

- values: ``catalogue``, ``schedule``, ``hours``, ``local_text``, ``numbers``. Pure functions;
- reading: ``text_file``, ``source`` (YAML to a tree with marks; PyYAML is imported only there and
  in ``scalars``, ``syntax`` and ``recovery``), ``recovery``, ``suspects`` and ``lines`` (which line
  a mistake of syntax is on, and how to read on behind it), ``schema`` (what may be written),
  ``check`` and the ``*_reader`` modules (values and problems), ``rules``, ``known_names``,
  ``messages``, ``problems``;
- ``agencies``: the whole way from the file's bytes to a ``Catalogue`` or to every problem;
- ``texts``: the format of translations, which every package uses.

Nothing is imported here: ``import menu.catalogue`` must not load a YAML parser.
"""
