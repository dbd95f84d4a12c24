"""Faults on demand: rules, what they match, what they do, and in which order they fire."""
