"""What the kiosk knows and decides: values and pure functions.

Imports the standard library and the values of ``menu`` only.

Nothing in here reads a clock, draws a random number or touches a disk: times and ids
come in as arguments.
"""
