"""What a config says of diagnoses: a part of the schema."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

PageUrl = Annotated[
    str,
    Meta(
        pattern=r"^(http://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[!-~]*)?)?$",
        extra={"is": "a URL that begins with http:// and names a machine"},
    ),
]


class Diagnose(Struct, frozen=True):
    portal: Annotated[
        PageUrl,
        Meta(
            description="A page that is answered with status 204 unless a captive portal stands between; asked for "
            "when a name is diagnosed. Empty: none is."
        ),
    ] = ""
