"""What a backup is: a tar archive (POSIX ustar) packed by gzip, with nothing in it but the members named here.

about.json                           what it is (`About`); the first member, so that it is known before the rest
config.yaml                          the config file, unless the shipped one was in force
files/ID                             a list that is a file of one's own
lists/ID/meta.json                   what is known of a list
lists/ID/versions/SHA256.KIND        its version in force, and those that were left for it; refused/ likewise
rows/TABLE/000001.jsonl              rows of what people made: one JSON object a line, by the columns' names
log/TABLE/000001.jsonl               the log, if that was asked for: rows and sums in words, without the ids of one
                                     database, the newest rows first
manifest.json                        the SHA-256 and size of each member before it (`Manifest`); the last member
"""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from resolver.paths import PRODUCT

FORMAT = 1
"""Backups of higher numbers are refused, those of lower ones are read."""

ABOUT, CONFIG, MANIFEST = "about.json", "config.yaml", "manifest.json"

PIECE = 4 << 20
"""Bytes of a member with rows, more or less."""

MEMBERS = 100_000
SMALL = 1 << 20  # of about.json, config.yaml and meta.json
TEXT = 64 << 20  # of a list, and of the manifest
ROWS = 16 << 20  # of a member with rows
"""The most there may be: of members, and of bytes in one."""

_ID = r"[a-z0-9][a-z0-9-]{0,63}"
_VERSION = rf"lists/{_ID}/(?:versions|refused)/[0-9a-f]{{64}}\.(?:block|allow)"
_LARGEST = {
    re.compile(r"about\.json|config\.yaml"): SMALL,
    re.compile(r"manifest\.json"): TEXT,
    re.compile(rf"files/{_ID}"): TEXT,
    re.compile(rf"lists/{_ID}/meta\.json"): SMALL,
    re.compile(_VERSION): TEXT,
    re.compile(r"(?:rows|log)/[a-z_]{1,32}/[0-9]{6}\.jsonl"): ROWS,
}

Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


class About(msgspec.Struct, frozen=True):
    """`format` and `version` of Lull that made it, when (Unix time), of which shape the tables were, and whether the
    log is in it."""

    format: int
    version: str
    made: float
    tables: str
    log: bool
    product: str = PRODUCT


class Member(msgspec.Struct, frozen=True):
    """A member's content."""

    sha256: Sha256
    size: int


class Manifest(msgspec.Struct, frozen=True):
    """Every member but the manifest itself, by its name."""

    about: About
    members: dict[str, Member]


def largest(name: str) -> int | None:
    """How many bytes a member of that name may have; None: there is no such member."""
    return next((size for pattern, size in _LARGEST.items() if pattern.fullmatch(name)), None)


def piece(directory: str, table: str, number: int) -> str:
    """The name of a member with rows."""
    return f"{directory}/{table}/{number:06}.jsonl"
