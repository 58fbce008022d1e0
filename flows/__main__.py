"""`python -m flows`: what the launcher `./oncomart` runs."""

import sys

from flows.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
