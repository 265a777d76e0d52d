"""The oracle compares the paper in the printer's tray with the journal and the screen."""
