"""Listening for workers is tried again until it can be."""

from __future__ import annotations

import asyncio
import pathlib

import pytest

from resolver.journal import frames
from resolver.journal import hub as room
from resolver.journal.hub import Hub


class _Nothing:
    def take(self, windows: object) -> list[frames.Window]:
        return []

    def all(self) -> list[frames.Window]:
        return []


def test_it_is_told_and_tried_again(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_AGAIN", 0.02)
    (tmp_path / "run").write_text("a file where the directory should be")
    hub = Hub(tmp_path / "run" / "control.sock", lambda _: None, lambda: "", _Nothing())

    async def scenario() -> None:
        keeping = asyncio.create_task(hub.keep())
        async with asyncio.timeout(5):
            while not hub.trouble:
                await asyncio.sleep(0.005)
        assert "workers cannot connect" in hub.trouble
        assert not keeping.done()
        (tmp_path / "run").unlink()
        await asyncio.wait_for(keeping, 5)
        assert hub.trouble == ""
        assert (tmp_path / "run" / "control.sock").is_socket()
        await hub.stop()

    asyncio.run(scenario())
