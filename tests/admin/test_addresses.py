"""CONTRIBUTING lists every address of the admin, with who may use it: `pytest tests/admin/test_addresses.py --regen`
writes that anew."""

from __future__ import annotations

import inspect
import pathlib
import re

import pytest

from resolver.admin.app import ROUTES
from resolver.admin.openapi import plain_path
from resolver.admin.routing import Route
from resolver.admin.schemas import prose

CONTRIBUTING = pathlib.Path(__file__).resolve().parents[2] / "CONTRIBUTING.md"

_TABLE = re.compile(r"(?<=\n\| address \| method \| needs \| what \|\n\|---\|---\|---\|---\|\n)(?:\|.*\n)*")


def row(route: Route) -> str:
    summary = prose(inspect.cleandoc(route.handler.__doc__ or "").partition("\n\n")[0]).removesuffix(".")
    return f"| `{plain_path(route.path)}` | {route.method} | {route.needs} | {summary} |\n"


def test_every_address_is_listed(pytestconfig: pytest.Config) -> None:
    known = "".join(row(one) for one in sorted(ROUTES, key=lambda one: (plain_path(one.path), one.method)))
    text = CONTRIBUTING.read_text()
    found = _TABLE.search(text)
    assert found, "CONTRIBUTING has no table of addresses"
    if pytestconfig.getoption("regen") and found[0] != known:
        CONTRIBUTING.write_text(text[: found.start()] + known + text[found.end() :])
        pytest.fail("CONTRIBUTING was written anew: review the diff")
    assert found[0].splitlines() == known.splitlines(), "pytest tests/admin/test_addresses.py --regen writes it anew"
