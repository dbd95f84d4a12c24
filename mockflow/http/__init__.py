"""HTTP: the only place with Flask."""
