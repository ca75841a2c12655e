"""Which names have a piece of text in them: found once by reading all names, a stretch at a time, and remembered."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, func, select

from resolver.store.conditions import MANY, has_piece
from resolver.store.tables import names

KNOWN = 8  # pieces that are remembered
STRETCH = 10_000  # names of one statement


class _Piece(msgspec.Struct, frozen=True):
    """The names that have it, of those with an id up to `upto`."""

    upto: int = 0
    ids: tuple[int, ...] = ()


class Pieces:
    """Any thread may ask. Names are never changed, and no id is ever another's, so what was found once stays true."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[int, str], _Piece] = OrderedDict()

    def find(self, connection: Connection, part: str, generation: int, until: float) -> Sequence[int] | None:
        """The ids of all names with this in them; None if they are too many, or not all were looked at before `until`
        (seconds of the monotonic clock): the next call goes on from there, each some way. `generation` is the
        database's."""
        key = (generation, part.lower())
        piece = self._known.get(key, _Piece())
        last = connection.scalar(select(func.max(names.c.id))) or 0
        while piece.upto < last and len(piece.ids) <= MANY:
            piece = self._known[key] = _further(connection, part, piece, last)
            if time.monotonic() > until:
                break
        while len(self._known) > KNOWN:
            self._known.popitem(last=False)
        return piece.ids if piece.upto >= last and len(piece.ids) <= MANY else None


def _further(connection: Connection, part: str, piece: _Piece, last: int) -> _Piece:
    """What the next stretch of names adds; where names were deleted there are fewer of them than ids."""
    next = connection.scalar(select(func.min(names.c.id)).where(names.c.id > piece.upto))
    ends = min(last, (next or last) + STRETCH)
    those = select(names.c.id).where(names.c.id > piece.upto, names.c.id <= ends, has_piece(part))
    return _Piece(ends, (*piece.ids, *connection.scalars(those)))
