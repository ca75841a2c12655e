"""What control is made of, as its composition root knows it."""

from __future__ import annotations

import pathlib
from collections.abc import Awaitable, Callable

import msgspec

from resolver.config.load import Overrides


class Whereabouts(msgspec.Struct, frozen=True):
    """The config file, and its bytes as they are in force (`config`: None for the shipped one); what the command line
    says instead; and how control is started again. `choose` brings into force what people chose, by the database; it
    returns what went wrong, "" if nothing did."""

    file: pathlib.Path
    config: Callable[[], bytes | None]
    restart: Callable[[], None]
    overrides: Overrides = Overrides()
    data: Callable[[], bytes] = bytes
    choose: Callable[[], Awaitable[str]] | None = None
