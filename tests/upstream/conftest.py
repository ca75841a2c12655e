"""Limits of time that a test can wait for."""

from __future__ import annotations

import pytest

from resolver.upstream import line, lines


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits of time that a test can wait for, on connections."""
    monkeypatch.setattr(line, "SILENT", 0.15)
    monkeypatch.setattr(line, "IDLE", 0.3)
    monkeypatch.setattr(line, "FORGET", 0.2)
    monkeypatch.setattr(line, "CONNECT", 0.5)
    monkeypatch.setattr(lines, "_TICK", 0.02)
