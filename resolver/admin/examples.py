"""What a body looks like, for whoever reads the document of the API."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from resolver.admin.accountbodies import (
    Code,
    Decision,
    NewPassword,
    NewRequest,
    NewToken,
    NewUser,
    OwnPassword,
    OwnProof,
    UserChange,
)
from resolver.admin.bodies import Done, NewPause
from resolver.admin.choicebodies import NewChoice
from resolver.admin.devicebodies import DeviceChange
from resolver.admin.diagnosebodies import Diagnosing
from resolver.admin.jobbodies import ErrorBody, Failure
from resolver.admin.listbodies import Trying
from resolver.admin.planbodies import NewScheduleChange
from resolver.admin.rulebodies import NewRule, NewRules
from resolver.admin.sitebodies import Answered, Keeping, NewSiteRule, NewTrial, SiteNames, Undoing
from resolver.admin.upstreambodies import UpstreamTest

_TABLET = "tablet"
_SITE = "news.example"
_SECRET = "correct horse battery staple"  # noqa: S105 - an example

_SHOWN: tuple[Struct, ...] = (
    ErrorBody(Failure("invalid", '"10 minutes" is not a duration: write 10m', "for")),
    Done(effective=True),
    NewRule("allow", "cdn.example.com", client=_TABLET, duration="2h", comment="for the school's videos"),
    NewRules("allow cdn.example.com\ndeny exact ads.example.net\n||track.example^$dnstype=AAAA\n"),
    NewPause("30m", client=_TABLET),
    NewChoice(["quad9"]),
    DeviceChange(name=_TABLET, group="kids"),
    NewScheduleChange("more", "30m", client=_TABLET),
    NewSiteRule(["player.example.net", "cdn.example.com"], window="10m"),
    SiteNames(["player.example.net"]),
    NewTrial(_TABLET),
    Answered(_TABLET, works=True),
    Keeping(_TABLET, for_everyone=True, comment=f"without it {_SITE} shows no videos"),
    Undoing(_TABLET),
    Trying(url="https://lists.example.org/ads.txt", days=14),
    UpstreamTest("tls://9.9.9.9#dns.quad9.net"),
    Diagnosing("www.example.com", client=_TABLET),
    NewUser("kim", _SECRET, device=_TABLET, grants=True),
    UserChange(device=_TABLET, grants=False),
    NewPassword(_SECRET),
    OwnPassword(_SECRET, "four other words than those"),
    OwnProof(_SECRET, "123456"),
    Code("123456"),
    NewToken("dashboard", ["read", "log"], "90d"),
    NewRequest("player.example.net", "30m"),
    Decision("15m"),
)

EXAMPLES: Mapping[object, Struct] = {type(one): one for one in _SHOWN}
"""An example of a body, by its type."""
