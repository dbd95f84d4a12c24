"""The `mockflow` command; `python -m mockflow` is the same."""

import gc

_MOST_NEW = 100_000
"""Objects. An import makes some ten thousand that stay: to look for garbage among them costs a start 5 ms."""


def main() -> None:
    """Run the command line and leave with its exit code."""
    gc.set_threshold(_MOST_NEW)
    from mockflow.cli import main as run  # late: not before the collector has been told

    run()


if __name__ == "__main__":
    main()
