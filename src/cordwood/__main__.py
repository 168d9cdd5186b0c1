"""`python -m cordwood` is the command line."""

from __future__ import annotations

from cordwood.cli.main import main

if __name__ == "__main__":
    main()
