"""The typed bodies of the catalogue. Light, as every process may read them."""

from __future__ import annotations

from typing import Literal

import msgspec

InUse = Literal["", "live", "shadow"]
"""Whether a list is in use, and how; "" when it is not."""


class OfferedList(msgspec.Struct, frozen=True):
    """A list of the catalogue: what it blocks (or, of the kind allow, allows), how far it goes (gentle, normal or
    strict), how often it breaks something that people want (rarely, sometimes or often), and for which languages (BCP
    47; none: for all). `mode` is how it is in use."""

    id: str
    title: str
    kind: Literal["block", "allow"]
    category: tuple[str, ...]
    level: str
    blocks: str
    breaks: str
    language: tuple[str, ...]
    note: str
    homepage: str
    licence: str
    since: int | None
    mode: InUse


class OfferedPreset(msgspec.Struct, frozen=True):
    """Several lists in one word: what they block together, and for whom they are. `mode` is how the word is in use."""

    id: str
    title: str
    means: str
    lists: tuple[str, ...]
    mode: InUse


class CatalogueInfo(msgspec.Struct, frozen=True):
    """All lists and presets that are known by name, in the order of the catalogue."""

    lists: list[OfferedList]
    presets: list[OfferedPreset]
