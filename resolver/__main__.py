"""`python -m resolver` is the command."""

from resolver.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
