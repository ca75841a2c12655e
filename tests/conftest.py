"""The options of the whole test suite. They stand at its top, so that pytest knows them wherever it is started."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.postgres import Postgres, serving
from tests.upstream.authority import NAME, Authority, Issued

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
    databases = parser.getgroup("databases", "databases: which kinds the store is tested on")
    databases.addoption(
        "--postgresql", action="store_true", help="on PostgreSQL too: a server of Debian's is started for the tests"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("regen") and os.environ.get("CI"):
        raise pytest.UsageError("--regen is for people: under CI what is written down must hold as it is")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is about PostgreSQL alone is run when it is asked for, and else not there."""
    if not config.getoption("postgresql"):
        gone = [item for item in items if "postgres" in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=gone)
        items[:] = [item for item in items if item not in gone]


@pytest.fixture(scope="session")
def the_postgres() -> Iterator[Postgres]:
    """One server for all tests."""
    with serving() as server:
        yield server


@pytest.fixture
def postgres(the_postgres: Postgres) -> Iterator[Postgres]:
    """That server, to be stopped and started as a test likes."""
    yield the_postgres
    the_postgres.well()


@pytest.fixture
def authority(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.path))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    return made


@pytest.fixture
def issued(authority: Authority) -> Issued:
    """A certificate that is right for dns.example and 127.0.0.1."""
    return authority.issue(NAME, "127.0.0.1", "::1")
