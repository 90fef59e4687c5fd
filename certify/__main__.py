"""``python -m certify`` is the command ``certify``."""

import sys


def run() -> int:
    """The command line, interrupted quietly from the first import on; returns the exit code."""
    try:
        from certify.cli.main import main

        return main()
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return 130


if __name__ == "__main__":
    sys.exit(run())
