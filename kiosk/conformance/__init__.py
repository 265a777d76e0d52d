"""The conformance cases of docs/protocol.md, played against any queue server (``check-server``)."""
