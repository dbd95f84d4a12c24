"""`python -m mockflow` is the same as the `mockflow` command."""

from mockflow.cli import main

if __name__ == "__main__":
    main()
