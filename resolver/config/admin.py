"""The section `admin`: where the admin is, who finds it, and what it shows without a login."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct, field

from resolver.config.values import Endpoint, HostName


class Admin(Struct, frozen=True):
    listen: Annotated[
        Endpoint, Meta(description="Where the admin pages and the API are served: one address and port.")
    ] = Endpoint("127.0.0.1", 8080)
    hosts: Annotated[
        tuple[HostName, ...],
        Meta(
            description="The names by which browsers call the admin, beside its addresses, localhost and this "
            "machine's own names. Any other is refused: it could be a stranger's, led here to get at the admin."
        ),
    ] = ()
    my_device: Annotated[
        bool,
        Meta(description="Whether devices are shown at /me, without a login, what was blocked on them, and may ask."),
    ] = field(default=True, name="my-device")
