"""The client of the queue server: the only map from HTTP to errors."""
