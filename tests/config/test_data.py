"""Data files: read, or refused with a sentence that names them."""

from __future__ import annotations

import pathlib

import pytest

from resolver.config import data
from resolver.errors import ListError


def test_what_a_file_holds(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: [1, b]\n")
    assert data.tree(path) == {"a": [1, "b"]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "not readable as YAML"),
        ("[" * 1500, "not readable as YAML"),
        ("!!python/object:os.system {}", "not readable as YAML"),
        ("#" * ((1 << 20) + 1), "larger than 1 MiB"),
    ],
)
def test_what_cannot_be_read(tmp_path: pathlib.Path, text: str, said: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(ListError, match=said) as caught:
        data.tree(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_a_file_that_is_not_there(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ListError, match="cannot be read: No such file"):
        data.tree(tmp_path / "a.yaml")
