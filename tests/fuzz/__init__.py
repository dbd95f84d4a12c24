"""Anything that a client may send, at a running server: a few seconds of it in the suite, or much by hand."""
