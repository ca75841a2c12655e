"""What can be wrong with a database, and what is to be done about it."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from resolver.errors import StoreError


class Kind(StrEnum):
    """LOCKED, FULL, READONLY, FAILED and HUNG pass by themselves: try later. CORRUPT: set the file aside and begin a
    new one. GONE: the open connection no longer leads to the database: open again. SLOW: this one statement ran out of
    time, the database is well. SCHEMA: the tables are not those that were there at the start: open again."""

    LOCKED = "locked"
    FULL = "full"
    READONLY = "readonly"
    FAILED = "failed"
    CORRUPT = "corrupt"
    GONE = "gone"
    SLOW = "slow"
    SCHEMA = "schema"
    HUNG = "hung"


class Trouble(msgspec.Struct, frozen=True):
    """One failure, as a person reads it; of what does not answer, for how many seconds it has not."""

    kind: Kind
    detail: str
    silent: float = 0.0


class UnusableError(StoreError):
    """The database cannot be used now; `trouble` says how."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.detail)
        self.trouble = trouble


def newer(place: str, stored: str, known: str, instead: str) -> UnusableError:
    """That a database is of a version that is not known here; what to do `instead` of running that."""
    which = f"its tables are {stored}, known here up to {known}"
    why = f"{place} was made by a newer version ({which}) and is left as it is: run the newer version, or {instead}"
    return UnusableError(Trouble(Kind.FAILED, why))
