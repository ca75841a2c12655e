"""The documents of the config are complete and current."""

from __future__ import annotations

import json
import pathlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import Struct

from resolver.config.document import schema_json
from resolver.config.known import Known
from resolver.config.load import parse
from resolver.config.offered import Offered
from resolver.config.schema import Config
from resolver.config.shapes import Key, keys_of, shape_of
from resolver.config.values import Target
from resolver.paths import shipped
from resolver.rules import ownrule

_LULL = shipped("config", "lull.yaml")


def _keys(struct: type[Struct], path: str = "") -> Iterator[tuple[str, Key]]:
    """Every key of the schema, with its path."""
    for name, key in keys_of(struct).items():
        yield path + name, key
        for shape in (key.shape, *map(shape_of, key.shape.arguments)):
            if shape.is_struct() and any(one.shape.description for one in keys_of(shape.type).values()):
                yield from _keys(shape.type, f"{path}{name}.")


_ALL = dict(_keys(Config))


def test_the_walk_finds_every_section() -> None:
    assert {
        "dns.listen",
        "admin.listen",
        "lists.subdomains",
        "groups.clients",
        "devices.mac",
        "discovery.router",
        "sites.window",
        "host-names",
        "schedules.from",
        "basics",
        "updates.files",
        "log.privacy",
    } <= set(_ALL)
    assert len(_ALL) == 115


@pytest.mark.parametrize("path", _ALL)
def test_every_key_has_a_description(path: str) -> None:
    assert re.fullmatch(r"[A-Z].*\.", _ALL[path].shape.description)


@pytest.mark.parametrize("path", _ALL)
def test_every_key_is_in_the_annotated_default(path: str) -> None:
    key = path.rpartition(".")[2]
    assert re.search(rf"^\s*(?:#\s*)?{key}(?::|\s{{2,}})", _LULL.read_text(), re.MULTILINE)


def test_what_is_commented_out_loads_when_it_is_not() -> None:
    text = re.sub(r"^(\s*)#(?=\S)", r"\1", _LULL.read_text(), flags=re.MULTILINE)
    known = Known(frozenset({"hagezi-pro"}), {"balanced": ("hagezi-pro",)}, Offered.load(), ownrule.read)
    config = parse(text.encode(), _LULL, known)
    assert [source.id for source in config.lists] == ["hagezi-pro", "mine", "partners"]
    assert config.lists[0].mode == "shadow"
    assert set(config.groups) == {"default", "kids", "library", "living room"}
    assert {"tiktok", "roblox"} < set(config.groups["kids"].services)
    assert "youtube" in config.groups["kids"].safe_search
    assert config.groups["library"].default == "deny"
    assert config.groups["kids"].schedules == ("bedtime", "homework")
    assert Target("service", "roblox") in config.schedules["homework"].block
    assert config.basics is not None
    assert "pool.ntp.org" in config.basics
    assert config.groups["kids"].lists == ("hagezi-pro",)
    assert config.devices["living room tv"].tags == ("device_tv",)
    assert config.groups["living room"].members == ("living room tv",)
    assert [str(rule) for rule in config.rules[:2]] == ["allow cdn.example.com", "deny ads.example.net"]
    assert [(rule.exact, rule.line) for rule in config.rules[2:]] == [(True, ""), (False, r"/^ad[0-9]+\./")]
    assert [site.window for site in config.sites] == [600, 300, None]
    assert config.discovery.leases == (pathlib.Path("/var/lib/misc/dnsmasq.leases"),)
    assert config.host_names == ("lull.home.arpa",)
    assert [record.type for record in config.records] == [1, 28, 1]


def test_the_json_schema_is_current() -> None:
    shown = shipped("config", "schema.json").read_text()
    assert shown == schema_json(), "run: python -m resolver.config.document > config/schema.json"


def _properties(schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = schema["properties"]
    return found


def test_the_json_schema_says_what_the_structs_say() -> None:
    top = json.loads(schema_json())
    assert list(_properties(top)) == list(keys_of(Config))
    assert top["additionalProperties"] is False
    dns = _properties(_properties(top)["dns"])
    assert dns["listen"]["default"] == [str(endpoint) for endpoint in Config().dns.listen]
    assert _properties(_properties(top)["admin"])["listen"]["default"] == "127.0.0.1:8080"
    assert dns["listen"]["minItems"] == 1
    assert (dns["workers"]["minimum"], dns["workers"]["maximum"], dns["workers"]["default"]) == (1, 64, 1)
    word, mapping = _properties(top)["lists"]["items"]["anyOf"]
    assert word["pattern"] == "^[a-z0-9][a-z0-9-]{0,63}$"
    assert mapping["required"] == ["id"]
    assert _properties(mapping)["kind"]["enum"] == ["block", "allow"]
    assert _properties(top)["lists"]["default"] == ["balanced"]
    assert _properties(_properties(top)["updates"])["shrink"]["minimum"] == 0
    assert _properties(top)["log"]["properties"]["keep"]["default"] == "30d"
    allow = _properties(_properties(top)["sites"]["items"])["allow"]
    assert allow["anyOf"][0] == {"const": "all"}
    window = _properties(_properties(top)["sites"]["items"])["window"]
    assert window["default"] == "10m"
    assert [bool(re.search(window["pattern"], text)) for text in ("10m", "always", "", "ever")] == [
        True,
        True,
        False,
        False,
    ]
    assert "default" not in _properties(top)["host-names"]
