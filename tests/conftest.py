"""The options of the whole test suite. They stand at its top, so that pytest knows them wherever it is started."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

settings.register_profile("lull", deadline=None)  # a machine that is busy with something else is no mistake of ours
settings.load_profile("lull")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("scenarios", "scenarios: behaviour as documents (tests/scenarios)")
    group.addoption(
        "--via",
        choices=("in-process", "udp", "tcp"),
        default="in-process",
        help="how the packets of scenarios go: in memory, or over sockets of this machine",
    )
    group.addoption("--regen", action="store_true", help="rewrite what scenarios say, then fail: review the diff")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("regen") and os.environ.get("CI"):
        raise pytest.UsageError("--regen is for people: under CI what is written down must hold as it is")
