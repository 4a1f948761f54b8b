"""``python -m dashboard`` is the command line."""

from dashboard.cli import entry

if __name__ == "__main__":
    entry()
