"""The typed bodies of the API about forgetting. Light: the command reads them too."""

from __future__ import annotations

import msgspec


class Forgotten(msgspec.Struct, frozen=True):
    """What was deleted of the log, in rows, names and clients; `note` is what to know about it."""

    rows: int
    names: int
    clients: int
    note: str = ""
