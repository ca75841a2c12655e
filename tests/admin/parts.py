"""A worker that speaks the real frames, a clock that is moved by hand, and small waits."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable

import msgspec

from resolver.journal import frames
from resolver.model import Exchange, UpstreamHealth

NOON = 1_767_268_800  # 2026-01-01 12:00 UTC
UPSTREAM = "udp://192.0.2.53"


class StillClock:
    """A clock that is moved by hand."""

    def __init__(self, now: float = NOON) -> None:
        self.now = float(now)

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now


class Worker:
    """A worker as control sees it: takes every bundle, and sends what it is told to; `told` is its reply to what it is
    asked."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._seq = 0
        self.loaded: list[str] = []
        self.refuses = ""
        self.asked: list[frames.Ask] = []
        self.told = frames.Told(0)

    def send(self, frame: frames.FromWorker) -> None:
        self._writer.write(frames.pack(frame))

    def health(self, *, up: bool = True, trouble: str = "") -> None:
        upstream = UpstreamHealth(UPSTREAM, up, NOON, 12.5, 7, 2, "" if up else "timed out")
        upstream = msgspec.structs.replace(upstream, p95_ms=31.0, p50_ms=11.0, answers=5, spent=0.25)
        health = frames.Health("1", 42, 0, 3, 5, 6, 0, 0, [upstream], trouble)
        answers, truth = frames.Cache(30, 12, 0, 6, 9000), frames.Cache(3, 7, 2, 5, 4096, 1)
        self.send(msgspec.structs.replace(health, answers=answers, truth=truth))

    def journal(self, rows: list[frames.Row], second: int = NOON - 60) -> int:
        totals: dict[str, int] = {}
        for row in rows:
            kind = f"{row.exchange.verdict}/{row.exchange.origin}"
            totals[kind] = totals.get(kind, 0) + row.count
        self._seq += 1
        self.send(frames.Batch("life", self._seq, second, rows, totals))
        return len(rows)

    async def run(self) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                frame = await frames.read_from_control(self._reader)
                if isinstance(frame, frames.Load):
                    self.loaded.append(frame.generation)
                    self.send(frames.Loaded(frame.generation, self.refuses))
                elif isinstance(frame, frames.Ask):
                    self.asked.append(frame)
                    self.send(msgspec.structs.replace(self.told, number=frame.number))

    def close(self) -> None:
        self._writer.close()


def row(
    name: str,
    verdict: str = "block",
    *,
    via: str = "",
    client: str = "192.0.2.10",
    count: int = 1,
    shadow: str = "",
) -> frames.Row:
    source, rule = ("ads", f"||{name}^") if verdict == "block" else ("", "")
    exchange = Exchange(name, 1, 0, "local", verdict, source, rule, via, shadow=shadow)
    return frames.Row(client, "default", exchange, count, 90)


async def until(true: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait until something is true; fails if it does not become so."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.005)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


async def until_listening(port: int, seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.005)
