"""The rows that came last, in memory, each with a number by which readers know where they are. Of control's loop."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import deque
from collections.abc import Iterable

from resolver.journal.frames import Batch, Row
from resolver.store.filters import LogRow

KEPT = 20_000
"""Rows at hand, and the whole batch that came last."""


class Piece:
    """The rows of a batch. `first` is the number of the first of them; they get their form when somebody looks."""

    def __init__(self, first: int, batch: Batch) -> None:
        self.first = first
        self.end = first + len(batch.rows)
        self.second = batch.second
        self._batch: Batch | None = batch
        self._rows: list[LogRow] = []

    @property
    def rows(self) -> list[LogRow]:
        if self._batch is not None:
            self._rows = [_row(self.second, row) for row in self._batch.rows]
            self._batch = None
        return self._rows

    def asked(self, client: str) -> int:
        """How many queries of this client it has."""
        rows: Iterable[Row | LogRow] = self._rows if self._batch is None else self._batch.rows
        return sum(row.count for row in rows if row.client == client)


class Recent:
    """`end` is the number of the row that comes next; numbers of another `life` say nothing."""

    def __init__(self) -> None:
        self.life = secrets.token_hex(4)
        self.end = 1
        self._pieces: deque[Piece] = deque()
        self._news = asyncio.Event()

    def take(self, batch: Batch) -> None:
        """What a worker told, as far as privacy lets it be known."""
        if not batch.rows:
            return
        self._pieces.append(Piece(self.end, batch))
        self.end += len(batch.rows)
        while self.end - self._pieces[0].end >= KEPT:
            self._pieces.popleft()
        self._news.set()
        self._news = asyncio.Event()

    def clear(self) -> None:
        """Forget all of it. Whoever has not read it yet has missed it."""
        self._pieces.clear()

    def of(self, number: int) -> tuple[Piece | None, int]:
        """The batch of the row with this number, or, where that is gone, of the first there is, and how many are gone;
        None when there are none yet."""
        piece = next((one for one in self._pieces if one.end > number), None)
        return piece, 0 if piece is None else max(0, piece.first - number)

    def since(self, second: float) -> int:
        """The number of the first row that is not from before a Unix time."""
        return next((piece.first for piece in self._pieces if piece.second >= second), self.end)

    def asked(self, client: str, since: float) -> tuple[int, int | None]:
        """How often a client asked since a Unix time, as far as that is at hand, and the second in which it last did
        (None: it did not)."""
        found = [(piece.second, piece.asked(client)) for piece in self._pieces if piece.second >= since]
        last = max((second for second, count in found if count), default=None)
        return sum(count for _, count in found), last

    def mark(self, number: int) -> str:
        """What says which row it was, for as long as this process lives."""
        return f"{self.life}-{number}"

    def after(self, mark: str) -> int | None:
        """The number that follows that of a mark; None if it is of another life, or of nothing."""
        life, _, number = mark.partition("-")
        if life != self.life or not (number.isascii() and number.isdigit() and len(number) < 19):
            return None
        return int(number) + 1 if int(number) < self.end else None

    async def news(self, seconds: float) -> None:
        """Wait, at most so long, until there is something new."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()


def _row(second: int, row: Row) -> LogRow:
    one = row.exchange
    return LogRow(
        0,
        second,
        row.client,
        row.group,
        one.name,
        one.type,
        one.rcode,
        one.origin,
        one.verdict,
        one.source,
        one.rule,
        one.via,
        one.upstream,
        row.count,
        row.took_us,
        one.shadow,
    )
