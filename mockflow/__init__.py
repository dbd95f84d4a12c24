"""mockflow: a mock server and developer sandbox for the Flowtask REST API."""

__version__ = "0.1.0"
