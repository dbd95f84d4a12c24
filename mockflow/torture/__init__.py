"""Torture: a client's own tests, run under every fault, with the state of the sandbox as the judge."""
