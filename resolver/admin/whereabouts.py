"""What control is made of, as its composition root knows it."""

from __future__ import annotations

import pathlib
from collections.abc import Callable

import msgspec

from resolver.config.load import Overrides


class Whereabouts(msgspec.Struct, frozen=True):
    """The config file, and its bytes as they are in force (None: it is the shipped one); what the command line says
    instead; and how control is started again."""

    file: pathlib.Path
    config: Callable[[], bytes | None]
    restart: Callable[[], None]
    overrides: Overrides = Overrides()
