"""One list of its own, for the tests of `listed`."""

from __future__ import annotations

import pathlib

from resolver.lists.wanted import Wanted

LIST = "||ads.example^\n"
OTHER = "||other.example^\n"


def remote(*urls: str) -> Wanted:
    return Wanted("ads", "Ads", "block", "auto", subdomains=False, refresh=1000.0, urls=urls)


def left(directory: pathlib.Path) -> list[str]:
    """What is there of the list, digests aside."""
    files = (path for path in (directory / "ads").rglob("*") if path.is_file())
    return sorted(path.parent.name if len(path.stem) == 64 else path.name for path in files)
