"""The authority that this machine trusts while a test runs, and limits of time that it can wait for."""

from __future__ import annotations

import pathlib

import pytest

from resolver.upstream import line, lines
from tests.upstream.authority import NAME, Authority, Issued


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


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits of time that a test can wait for, on connections."""
    monkeypatch.setattr(line, "SILENT", 0.15)
    monkeypatch.setattr(line, "IDLE", 0.3)
    monkeypatch.setattr(line, "FORGET", 0.2)
    monkeypatch.setattr(line, "CONNECT", 0.5)
    monkeypatch.setattr(lines, "_TICK", 0.02)
