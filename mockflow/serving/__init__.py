"""Serving: sockets, the connection and what breaks on it, events, TLS."""
