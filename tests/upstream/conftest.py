"""The authority that this machine trusts while a test runs."""

from __future__ import annotations

import pathlib

import pytest

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
