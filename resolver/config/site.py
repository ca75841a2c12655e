"""What a config says of a site: a part of the schema."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from resolver.config.values import GroupName, SubtreeName, Whom, Window

_ALL = SubtreeName("all")


class Site(Struct, frozen=True):
    """The names are in normal text form, and stand for all below them too."""

    site: Annotated[SubtreeName, Meta(description="The site's name; looking up one below it is a visit too.")]
    allow: Annotated[
        tuple[SubtreeName, ...],
        Meta(
            min_length=1,
            description="The names that are allowed meanwhile, and all below them; or all, for every name.",
            extra={"word": _ALL},
        ),
    ]
    window: Annotated[
        Window | None,
        Meta(
            description="For how long after the last look at the site: 1m to 24h; or always, whether somebody is on "
            "the site or not."
        ),
    ] = Window(600)
    client: Annotated[Whom, Meta(description="For one device alone: its name, or an address. Empty: for all.")] = Whom(
        ""
    )
    group: Annotated[GroupName, Meta(description="For one group alone.")] = ""

    @property
    def everything(self) -> bool:
        """Whether every name is allowed meanwhile."""
        return self.allow == (_ALL,)

    @property
    def names(self) -> tuple[SubtreeName, ...]:
        """The names that are allowed meanwhile; none of them when everything is."""
        return () if self.everything else self.allow
