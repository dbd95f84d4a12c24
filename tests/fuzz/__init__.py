"""Anything that a client may send, at a running server: a few seconds in the suite, or as much as wanted by hand."""
