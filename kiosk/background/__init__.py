"""Threads, and the managers that own one resource each.

* Threads: ``worker`` (one thread owns one blocking device), ``periodic_thread``, ``sync_loop``.
* Managers: ``journal_manager``, ``printer_manager``, ``queue_manager`` (queue server),
  ``catalogue_manager`` (the server's menu), ``settings_manager``,
  ``settings_folder`` (edits of the files).
* ``helper_process``: a process that ends with the app.
"""
