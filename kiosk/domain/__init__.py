"""What the kiosk knows and decides: values and pure functions, standard library only.

Nothing in here reads a clock, draws a random number or touches a disk: times and ids
come in as arguments.
"""
