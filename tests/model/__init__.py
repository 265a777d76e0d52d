"""The protocol between kiosk and queue server as a small pure model, searched for broken promises.

``rules`` names what the two ends must keep to; ``kiosk`` and ``server`` keep to it; ``world`` adds
the network, the faults and the visitors; ``promises`` says what must never be; ``search`` tries
every order of events. docs/protocol.md tells the same in words.
"""
