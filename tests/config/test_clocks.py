"""The names of time servers, from the part of the basics that has them."""

from __future__ import annotations

import pathlib

import pytest

from resolver.config.clocks import clocks
from resolver.errors import ListError


def test_the_names_that_ship() -> None:
    found = clocks()
    assert {"pool.ntp.org", "time.apple.com", "time.windows.com"} <= set(found)
    assert "captive.apple.com" not in found
    assert "windowsupdate.com" not in found


@pytest.mark.parametrize("text", ["", "a.example\n", "# The time of day.\n\na.example\n", "# The time of day.\na b\n"])
def test_a_file_without_them(text: str, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "basics.txt"
    file.write_text(text)
    with pytest.raises(ListError, match=r"basics\.txt"):
        clocks(file)


def test_no_file(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ListError, match=r"basics\.txt"):
        clocks(tmp_path / "basics.txt")
