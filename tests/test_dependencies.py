"""Every dependency is justified in docs/dependencies.md, whatever is justified there is one, and the wheel is small."""

from __future__ import annotations

import importlib.metadata
import io
import pathlib
import re
import tomllib
import zipfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DOCUMENT = (ROOT / "docs" / "dependencies.md").read_text()
FLOPPY = 1_440_000


def section(title: str) -> str:
    return DOCUMENT.partition(f"## {title}\n")[2].partition("\n## ")[0]


def rows(title: str) -> list[list[str]]:
    lines = [line.strip("|").split("|") for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line] for line in lines[2:]]


def plain(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found is not None
    return found[0].lower().replace("_", "-")


def without_version(requirement: str) -> str:
    return re.split(r"[<>=!~;]", requirement)[0].strip()


def required(distribution: str) -> set[str]:
    """What a distribution that is installed needs, extras aside, on this machine."""
    requirements = importlib.metadata.requires(distribution) or []
    return {plain(one) for one in requirements if not re.search(r"extra\s*==|python_version\s*<|platform_python", one)}


def test_those_that_are_named_are_those_that_are_needed() -> None:
    assert [row[0] for row in rows("Named")] == sorted(plain(one) for one in PROJECT["dependencies"])
    assert all(all(cell for cell in row) and len(row) == 6 for row in rows("Named"))


def test_those_that_are_brought_along_are_told_with_who_brings_them() -> None:
    told = {row[0]: {one.strip() for one in row[3].split(",")} for row in rows("Brought along")}
    known = {*told, *(row[0] for row in rows("Named"))}
    brought: dict[str, set[str]] = {}
    for one in known:
        for need in required(one):
            brought.setdefault(need, set()).add(one)
    named = {row[0] for row in rows("Named")}
    assert {need for need in brought if need not in named} <= set(told)
    assert {one: who - brought.get(one, set()) for one, who in told.items()} == {one: set() for one in told}


def test_their_number_is_right() -> None:
    named, brought = len(rows("Named")), len(rows("Brought along"))
    assert DOCUMENT.splitlines()[2].startswith(
        f"{named} distributions that it names, and {brought} that those bring along: {named + brought},"
    )


def test_extras_are_told() -> None:
    extras = PROJECT["optional-dependencies"]
    told = {row[0]: row[1] for row in rows("Extras")}
    assert told == {key: without_version(*value) for key, value in extras.items() if key != "dev"}
    words = section("Extras").partition("And `dev`")[2].partition(": ")[2].rstrip(".\n")
    assert re.split(r",\s+", words) == sorted(map(without_version, extras["dev"]))


@pytest.mark.parametrize("module", ["alembic", "psycopg"])
def test_the_document_says_who_loads_what_no_process_loads_at_first(module: str) -> None:
    assert re.search(rf"\| {module}.*\| control, w", DOCUMENT)


def test_the_wheel_fits_on_a_floppy() -> None:
    """Made as wheels are, of the files that pyproject.toml names; `make wheel` makes the real one."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as wheel:
        for folder in ("resolver", "blocklists", "config"):
            for path in sorted((ROOT / folder).rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    wheel.write(path, path.relative_to(ROOT))
    assert len(target.getvalue()) + 60_000 < FLOPPY, "the list of files and the README come to that"
