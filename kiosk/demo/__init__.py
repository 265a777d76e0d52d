"""The demonstration: a robot that touches the real app, with pictures of what it sees."""
