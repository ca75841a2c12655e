import pathlib
import re

import pytest

from resolver.config.known import Known
from resolver.errors import ListError
from resolver.lists.catalogue import CATEGORIES, LEVELS, Catalogue
from resolver.paths import STARTER
from resolver.rules import ownrule

ONE = """
  - id: one
    title: One
    category: [advertising]
    level: normal
    blocks: Ads.
    breaks: rarely
    homepage: https://one.example
    licence: MIT
    syntax: adblock
    urls: [https://one.example/list, https://mirror.example/list]
"""
PRESET = """
  - id: all
    title: All
    means: Everything.
    lists: [one]
"""
SHIPPED = Catalogue.load()


def written(tmp_path: pathlib.Path, text: str) -> pathlib.Path:
    path = tmp_path / "catalogue.yaml"
    path.write_text(text)
    return path


def test_the_starter_list_is_the_first_and_is_there() -> None:
    assert SHIPPED.ids()[0] == STARTER
    file = SHIPPED.file_of(SHIPPED.entries[STARTER])
    assert file is not None
    assert file.is_file()


def test_it_covers_every_category_and_level_well() -> None:
    assert len(SHIPPED.entries) >= 150
    counts = {
        category: sum(category in entry.category for entry in SHIPPED.entries.values()) for category in CATEGORIES
    }
    assert [category for category, count in counts.items() if count < 2] == []
    assert {entry.level for entry in SHIPPED.entries.values()} == set(LEVELS)


def test_regional_lists_are_there_for_many_languages() -> None:
    languages = {language for entry in SHIPPED.entries.values() for language in entry.language}
    assert {"ar", "cs", "de", "es", "fr", "he", "it", "ja", "ko", "nl", "pl", "pt", "ru", "tr", "vi", "zh"} <= languages
    assert len(languages) >= 30


def test_telemetry_is_listed_by_vendor() -> None:
    vendors = ["amazon", "apple", "huawei", "lg", "oppo", "roku", "samsung", "tiktok", "vivo", "windows", "xiaomi"]
    assert all("telemetry" in SHIPPED.entries[f"hagezi-{vendor}"].category for vendor in vendors)


def test_addresses_are_https_and_no_two_lists_share_one() -> None:
    urls = [url for entry in SHIPPED.entries.values() for url in entry.urls]
    assert all(url.startswith("https://") for url in urls)
    assert len(set(urls)) == len(urls)


def test_every_list_says_what_it_is_in_a_sentence() -> None:
    for entry in SHIPPED.entries.values():
        for sentence in (entry.blocks, entry.note or "None."):
            assert re.fullmatch(r"[A-Z].*[^.]\.", sentence), entry.id
        assert entry.homepage.startswith("https://") or entry.file
        assert not entry.subdomains or entry.syntax == "domains"
        assert entry.since is None or entry.since >= 2000
    assert sum(entry.since is not None for entry in SHIPPED.entries.values()) >= 150


def test_presets_mean_lists_that_are_there() -> None:
    assert list(SHIPPED.presets) == ["gentle", "balanced", "strict", "family"]
    for preset in SHIPPED.presets.values():
        entries = [SHIPPED.entries[id] for id in preset.lists]
        assert sum("general" in entry.category for entry in entries) == 1
        assert all(entry.kind == "block" for entry in entries)
        assert re.fullmatch(r"[A-Z].*\.", preset.means)
    assert set(SHIPPED.presets["balanced"].lists) < set(SHIPPED.presets["family"].lists)
    balanced = [SHIPPED.entries[id].breaks for id in SHIPPED.presets["balanced"].lists]
    assert set(balanced) == {"rarely"}


def test_an_entry(tmp_path: pathlib.Path) -> None:
    catalogue = Catalogue.load(written(tmp_path, "lists:" + ONE))
    entry = catalogue.entries["one"]
    assert entry.urls == ("https://one.example/list", "https://mirror.example/list")
    assert (entry.category, entry.level, entry.language, entry.since) == (("advertising",), "normal", (), None)
    assert (entry.kind, entry.subdomains, entry.note) == ("block", False, "")
    assert catalogue.file_of(entry) is None


def test_what_a_config_may_say_in_one_word(tmp_path: pathlib.Path) -> None:
    catalogue = Catalogue.load(written(tmp_path, "presets:" + PRESET + "lists:" + ONE))
    assert catalogue.known() == Known(frozenset({"one"}), {"all": ("one",)}, rule=ownrule.read)
    assert "tiktok" in SHIPPED.known().offered.services
    assert "google" in SHIPPED.known().offered.engines


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
        ("lists:" + ONE.replace("https://one", "http://one"), r"\$.lists\[0\].urls"),
        ("lists:" + ONE.replace("https://mirror.example/list", "https://a.example, https://b.example"), r"\].urls"),
        ("lists:" + ONE.replace("[advertising]", "[adverts]"), r"\$.lists\[0\].category"),
        ("lists:" + ONE.replace("[advertising]", "[]"), r"\$.lists\[0\].category"),
        ("lists:" + ONE.replace("level: normal", "level: high"), r"\$.lists\[0\].level"),
        ("lists:" + ONE + "    language: [german]", r"\$.lists\[0\].language"),
        ("lists:" + ONE + "    language: [de]", "one: the category regional and a language go together"),
        (
            "lists:" + ONE.replace("[advertising]", "[regional]"),
            "one: the category regional and a language go together",
        ),
        ("lists:" + ONE + "    kind: allow", "one: the category allow and the kind allow go together"),
        ("lists:" + ONE.replace("[advertising]", "[allow]"), "one: the category allow and the kind allow go together"),
        ("lists:" + ONE + "    since: 1066", r"\$.lists\[0\].since"),
        ("lists:" + ONE + "    colour: red", "colour"),
        ("lists:" + ONE + "    file: one.txt", "one: give either urls or file"),
        ("lists:" + ONE + "    file: ../../etc/passwd", r"\$.lists\[0\].file"),
        ("lists:" + ONE[: ONE.index("    urls")], "one: give either urls or file"),
        ("presets:" + PRESET.replace("id: all", "id: one") + "lists:" + ONE, "one: the id is given 2 times"),
        ("presets:" + PRESET + PRESET + "lists:" + ONE, "all: the id is given 2 times"),
        ("presets:" + PRESET.replace("[one]", "[one, two]") + "lists:" + ONE, "all: there is no list two"),
        ("presets:" + PRESET.replace("[one]", "[all]") + "lists:" + ONE, "all: there is no list all"),
        ("presets:" + PRESET.replace("[one]", "[one, one]") + "lists:" + ONE, "all: one is given 2 times"),
        ("presets:" + PRESET.replace("[one]", "[]") + "lists:" + ONE, r"\$.presets\[0\].lists"),
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
