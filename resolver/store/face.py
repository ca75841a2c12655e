"""What the rest of Lull knows of its database, whichever it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

from resolver.store.health import Incident, StoreState

T = TypeVar("T")

READ_LIMIT = 5.0
"""Seconds that a read may take."""

WRITE_LIMIT = 60.0
"""Seconds that a caller waits for its writing as long as it goes on: what hangs is told much sooner."""

OPEN_LIMIT = 20.0
"""Seconds that a start waits for it; then it goes on without."""

Kept = dict[str, list[dict[str, Any]]]
"""Rows of the tables KEPT, by the table's name: what a new database begins with."""


class Store(Protocol):
    """A database. Any thread may call; writing is one at a time. No call waits for ever: a disk or a server that says
    nothing is a StoreError too, and while it says nothing every call fails at once.

    `generation` changes whenever what was read before may no longer be what is there. `kept` is asked for the rows that
    a new database begins with; of the tables that it does not know, they are found elsewhere as far as that goes.
    """

    kept: Callable[[], Kept]

    @property
    def place(self) -> str:
        """Where it is, to be shown: a path, or a URL without its password."""

    @property
    def generation(self) -> int: ...

    @property
    def state(self) -> StoreState:
        """How the last use of it went."""

    @property
    def incidents(self) -> list[Incident]:
        """What happened to it, oldest first."""

    def run(
        self,
        work: Callable[[Connection], T],
        committed: Callable[[T], None] | None = None,
        seconds: float = WRITE_LIMIT,
    ) -> T:
        """Do `work` in one transaction, on a thread of the database's own. It may be called twice, so it must not
        change anything but the database; `committed` gets its result once that is stored, before any other writing
        begins.

        Raises StoreError when the database cannot be used, or when `seconds` were not enough. Then nothing was done,
        but for one case: what no longer answered while it was being committed may turn out to be stored later, and
        `committed` is called then. So whatever counts or remembers what is stored does it in `committed`.
        """

    def read(self, work: Callable[[Connection], T], seconds: float = READ_LIMIT) -> T:
        """Do `work` on a connection that cannot write and sees one moment's state. Raises StoreError when the database
        cannot be used, or when `seconds` were not enough."""

    def probe(self) -> None:
        """Really write something, and remove it: whether the database can be used. Raises StoreError if not."""

    def close(self) -> None:
        """Every later use raises StoreError."""
