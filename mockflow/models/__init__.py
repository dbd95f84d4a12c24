"""Shapes: what comes in (checked, and nothing more generous than the contract) and what goes out."""
