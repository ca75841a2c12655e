"""What a config says of the log: a part of the schema."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct, field

from resolver import model
from resolver.config.values import Size

Outlet = Annotated[
    str,
    Meta(
        pattern=r"^((file:)?/[^\x00-\x1f\x7f]{0,4000}[^\x00-\x1f\x7f/])?$",
        extra={"is": "the path of a socket, from the root on, such as /run/dnstap.sock; or file:/path of a file"},
    ),
]


class Log(Struct, frozen=True):
    keep: Annotated[
        float, Meta(ge=3600, le=315360000, description="How long queries are kept in the log: an hour to ten years.")
    ] = 2592000.0
    size: Annotated[
        Size,
        Meta(
            description="How much room the database may take: of a log that needs more, the oldest queries are "
            "deleted sooner. 0: as much as it needs."
        ),
    ] = Size(2 * 10**9)
    write_every: Annotated[
        float,
        Meta(
            ge=1,
            le=60,
            description="How often queries are written to the database, at most: a second to a minute. Seldom spares "
            "flash cards; while somebody looks at the log, or very much is asked, it is every second.",
        ),
    ] = field(default=5.0, name="write-every")
    privacy: Annotated[
        model.Privacy,
        Meta(
            description="What the log keeps: everything; no-client, of who asked only a name that is made anew each "
            "day; no-name, neither who asked nor what; or nothing at all."
        ),
    ] = "full"
    prefix_v4: Annotated[
        int, Meta(ge=0, le=32, description="How many bits of clients' IPv4 addresses the log keeps.")
    ] = field(default=32, name="prefix-v4")
    prefix_v6: Annotated[
        int, Meta(ge=0, le=128, description="How many bits of clients' IPv6 addresses the log keeps.")
    ] = field(default=128, name="prefix-v6")
    dnstap: Annotated[
        Outlet,
        Meta(
            description="Where what is logged is also told as dnstap: the path of a Unix socket, or file:/path of a "
            "file. Empty: nowhere."
        ),
    ] = ""
