"""The demonstration: its isolated set-up, its queue server, and a robot that uses the real app."""
