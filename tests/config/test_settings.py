from __future__ import annotations

import pathlib
from typing import Any

import pytest

from resolver.config.known import Known
from resolver.config.load import Overrides
from resolver.config.settings import Settings
from resolver.config.settled import Source
from resolver.lists.catalogue import Catalogue
from resolver.paths import shipped

TEXT = """
upstreams: [quad9]
strategy: sticky
dns:
  listen: ["127.0.0.1:53"]
  workers: 2
lists:
  - balanced
  - {id: mine, url: "https://lists.example/a.txt", refresh: 1d}
groups:
  kids:
    lists: [mine]
    clients: [192.0.2.7]
schedules:
  bed: {from: 21:00, to: "06:30", only: [school.example]}
log: {privacy: off, keep: 7d}
forward: {corp.example: [udp://192.0.2.9], a.b.example: udp://192.0.2.8}
rebinding: {refuse: no}
"""


def _settings(text: str = TEXT, choices: dict[str, Any] | None = None, overrides: Overrides | None = None) -> Settings:
    return Settings(Source(text.encode(), pathlib.Path("lull.yaml"), Known(), overrides or Overrides()), choices or {})


@pytest.mark.parametrize(
    ("path", "value", "origin", "line"),
    [
        ("upstreams", ["quad9"], "file", 2),
        ("strategy", "sticky", "file", 3),
        ("dns.workers", 2, "file", 6),
        ("dns.user", "", "default", 0),
        ("lists", ["balanced", {"id": "mine", "url": "https://lists.example/a.txt", "refresh": "1d"}], "file", 7),
        ("blocking", {"mode": "null-address", "ttl": "10s"}, "default", 0),
        ("groups.kids", {"default": "pass", "lists": ["mine"], "clients": ["192.0.2.7"]}, "file", 11),
        ("groups.kids.lists", ["mine"], "file", 12),
        ("groups.kids.schedules", [], "default", 0),
        ("groups.kids.privacy", None, "default", 0),
        ("groups.nobody", None, "default", 0),
        ("log.privacy", "off", "file", 16),
        ("log.size", "2GB", "default", 0),
        ("rebinding.refuse", False, "file", 18),
        ("forward.corp.example", ["udp://192.0.2.9"], "file", 17),
        ("forward.a.b.example", "udp://192.0.2.8", "file", 17),
        ("state", "state", "default", 0),
    ],
)
def test_a_path_has_its_value_and_its_place(path: str, value: object, origin: str, line: int) -> None:
    settings = _settings()
    assert (settings.value(path), settings.origin(path), settings.line(path)) == (value, origin, line)


def test_a_schedule_is_told_with_the_days_that_go_without_saying() -> None:
    bed = _settings().value("schedules.bed")
    assert bed == {
        "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
        "from": "21:00",
        "to": "06:30",
        "only": ["school.example"],
    }


def test_what_was_chosen_is_told_with_the_line_that_it_stands_for() -> None:
    choices: dict[str, Any] = {
        "strategy": "random",
        "groups.kids.lists": None,
        "groups.tv": {"lists": []},
        "blocking": {"mode": "nodata"},
    }
    settings = _settings(choices=choices)
    assert (settings.value("strategy"), settings.origin("strategy"), settings.line("strategy")) == (
        "random",
        "chosen",
        3,
    )
    assert (settings.value("groups.kids.lists"), settings.origin("groups.kids.lists")) == (None, "chosen")
    assert (settings.value("groups.tv.lists"), settings.origin("groups.tv.lists")) == ([], "chosen")
    assert settings.value("blocking") == {"mode": "nodata", "ttl": "10s"}
    assert settings.origin("groups.kids.clients") == "file"


def test_the_command_line_has_the_last_word() -> None:
    settings = _settings(choices={"upstreams": ["cloudflare"]}, overrides=Overrides(upstream=("udp://192.0.2.1",)))
    assert (settings.value("upstreams"), settings.origin("upstreams")) == (["udp://192.0.2.1"], "command line")


def test_every_key_is_there_once_with_what_it_means() -> None:
    every = list(_settings(choices={"groups.tv.lists": []}).every())
    paths = [one.path for one in every]
    assert len(set(paths)) == len(paths)
    assert [path for path in paths if path.startswith("groups")] == [
        "groups.kids.clients",
        "groups.kids.lists",
        "groups.tv.lists",
    ]
    assert [one.path for one in every if not one.description] == []
    by_path = {one.path: one for one in every}
    assert (by_path["log.keep"].value, by_path["log.keep"].default) == ("7d", "30d")
    assert by_path["schedules.bed.from"].value == "21:00"
    assert by_path["devices"].value == {}
    assert by_path["forward.corp.example"].value == ["udp://192.0.2.9"]


def test_the_shipped_config_is_told_whole() -> None:
    file = shipped("config", "lull.yaml")
    settings = Settings(Source(file.read_bytes(), file, Catalogue.load().known()), {})
    for one in settings.every():
        assert one.origin == ("file" if one.line else "default")
    assert settings.value("lists")


def test_a_file_that_cannot_be_read_says_nothing() -> None:
    settings = _settings("\tx: [")
    assert (settings.value("strategy"), settings.origin("strategy")) == ("fastest", "default")
