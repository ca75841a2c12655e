import pathlib

import pytest

from resolver.errors import ListError
from resolver.lists.catalogue import Catalogue
from resolver.paths import STARTER

ONE = """
  - id: one
    title: One
    blocks: Ads.
    breaks: rarely
    homepage: https://one.example
    licence: MIT
    syntax: adblock
    urls: [https://one.example/list, https://mirror.example/list]
"""


def written(tmp_path: pathlib.Path, text: str) -> pathlib.Path:
    path = tmp_path / "catalogue.yaml"
    path.write_text(text)
    return path


def test_the_shipped_catalogue_loads_and_its_starter_list_is_there() -> None:
    catalogue = Catalogue.load()
    assert catalogue.ids()[0] == STARTER
    assert "hagezi-pro" in catalogue.ids()
    file = catalogue.file_of(catalogue.entries[STARTER])
    assert file is not None
    assert file.is_file()
    assert all(url.startswith("https://") for entry in catalogue.entries.values() for url in entry.urls)


def test_an_entry(tmp_path: pathlib.Path) -> None:
    catalogue = Catalogue.load(written(tmp_path, "lists:" + ONE))
    entry = catalogue.entries["one"]
    assert entry.urls == ("https://one.example/list", "https://mirror.example/list")
    assert (entry.kind, entry.subdomains, entry.note) == ("block", False, "")
    assert catalogue.file_of(entry) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Expected `object`, got `null`"),
        ("lists: 3", r"Expected `array`, got `int` - at `\$\.lists`"),
        ("lists: [", "not readable as YAML"),
        ("lists:" + ONE + ONE, "one: the id is given 2 times"),
        ("lists:" + ONE.replace("id: one", "id: ../one"), r"\$.lists\[0\].id"),
        ("lists:" + ONE.replace("breaks: rarely", "breaks: never"), r"\$.lists\[0\].breaks"),
        ("lists:" + ONE.replace("https://one", "ftp://one"), r"\$.lists\[0\].urls"),
        ("lists:" + ONE + "    colour: red", "colour"),
        ("lists:" + ONE + "    file: one.txt", "one: give either urls or file"),
        ("lists:" + ONE + "    file: ../../etc/passwd", r"\$.lists\[0\].file"),
        ("lists:" + ONE[: ONE.index("    urls")], "one: give either urls or file"),
        ("#" * ((1 << 20) + 1), "larger than 1 MiB"),
        ("[" * 1500, "not readable as YAML"),
    ],
)
def test_a_broken_catalogue_is_refused_with_path_and_place(tmp_path: pathlib.Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ListError, match=said) as caught:
        Catalogue.load(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_a_catalogue_that_is_not_there(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ListError, match=r"no\.yaml: cannot be read: No such file"):
        Catalogue.load(tmp_path / "no.yaml")


def test_bytes_that_are_no_text(tmp_path: pathlib.Path) -> None:
    (tmp_path / "catalogue.yaml").write_bytes(b"lists: \xff\xfe\x00")
    with pytest.raises(ListError, match="not readable as YAML"):
        Catalogue.load(tmp_path / "catalogue.yaml")
