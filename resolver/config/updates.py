"""The part of a config that says when a new version of a list is taken, and where lists may come from."""

from __future__ import annotations

import pathlib
from typing import Annotated

from msgspec import Meta, Struct

from resolver.config.values import Network


class Updates(Struct, frozen=True):
    shrink: Annotated[
        int,
        Meta(
            ge=0, le=100, description="A new version of a list with less than this percentage of its rules is refused."
        ),
    ] = 50
    grow: Annotated[
        int,
        Meta(ge=101, le=100_000, description="A new version with more than this percentage of its rules is refused."),
    ] = 300
    watchdog: Annotated[
        int,
        Meta(
            ge=0,
            le=100,
            description="A list goes back to its version before when the new one blocks more than this percentage of "
            "the queries for names that were answered before; it needs a log with names. 0: never.",
        ),
    ] = 10
    files: Annotated[
        tuple[pathlib.Path, ...],
        Meta(
            description="Directories that files of lists must be in, relative to this config file's directory. Empty: "
            "wherever this config says; a file tried out through the admin must be in this config file's directory."
        ),
    ] = ()
    reach: Annotated[
        tuple[Network, ...],
        Meta(
            description="Addresses and networks that lists may be downloaded from although they are loopback, "
            "link-local or a cloud's metadata. A loopback address written into the url of a list needs no permission."
        ),
    ] = ()
