"""A model of the protocol between kiosk and queue server, checked exhaustively.

``rules`` lists the rules of the protocol as switches; ``kiosk`` and ``server`` implement them;
``world`` adds network, faults and visitors; ``promises`` defines the invariants; ``search``
explores every order of events (breadth-first model checking). docs/protocol.md explains the rules.
"""
