"""Documents execute: what README and CONTRIBUTING show exists and is understood."""

from __future__ import annotations

import json
import pathlib
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest

from resolver import cli
from resolver.config.load import parse
from resolver.lists.catalogue import Catalogue

ROOT = pathlib.Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SNIPPETS = [text for kind, text in _FENCE.findall(README) if kind == "yaml"]
COMMANDS = [
    line.removeprefix(".venv/bin/").removeprefix("docker exec lull ").partition(" > ")[0]
    for kind, text in _FENCE.findall(README)
    if kind == "sh"
    for line in text.splitlines()
    if re.match(r"(\.venv/bin/|docker exec lull )?lull ", line)
]
MAKE = re.findall(r"^make (\w+)", "".join(text for kind, text in _FENCE.findall(README) if kind == "sh"), re.MULTILINE)


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_config_snippets_load(snippet: str) -> None:
    parse(snippet.encode(), ROOT / "lull.yaml", Catalogue.load().known())


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_are_understood(command: str) -> None:
    cli.parse(shlex.split(command.partition(" > ")[0])[1:])


def test_there_are_commands_and_snippets_to_check() -> None:
    assert len(SNIPPETS) >= 2
    assert len(COMMANDS) >= 15


def test_make_targets_exist() -> None:
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(MAKE) <= set(targets)
    assert {"run", "test"} <= set(MAKE)


@pytest.mark.parametrize("document", [README, CONTRIBUTING])
def test_links_and_paths_exist(document: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", document) if "://" not in link]
    paths = re.findall(r"`((?:resolver|tests|config|blocklists|benchmarks)/[\w./*-]*)`", document)
    for path in (*links, *(path for path in paths if "NAME" not in path)):
        assert list(ROOT.glob(path.rstrip("/"))), f"{path} does not exist"


def test_every_command_is_shown() -> None:
    assert [name for name in cli.COMMANDS if not re.search(rf"\blull {name}\b", README)] == []


def test_every_key_of_the_config_is_told() -> None:
    told = README + (ROOT / "config" / "lull.yaml").read_text()
    schema = json.loads((ROOT / "config" / "schema.json").read_text())
    assert [key for key in sorted(set(keys(schema))) if not re.search(rf"\b{re.escape(key)}:", told)] == []


def keys(schema: Any) -> Iterator[str]:
    """The names of all properties, however deep."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
    for inner in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from keys(inner)


def test_every_page_is_told() -> None:
    """All addresses are in CONTRIBUTING (tests/admin/test_addresses.py); what people open themselves README names."""
    assert [page for page in ("/metrics", "/healthz", "/api/v1/openapi.json") if f"`{page}`" not in README] == []


def test_every_room_is_on_the_map() -> None:
    for path in (ROOT / "resolver").iterdir():
        if path.name.startswith("__"):
            continue
        if path.is_dir() or path.suffix == ".py":
            assert f"resolver/{path.name}" in CONTRIBUTING, f"CONTRIBUTING does not know {path.name}"
