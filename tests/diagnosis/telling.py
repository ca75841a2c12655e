"""Facts in short: a house in which all is well, to be changed in one thing."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from resolver.diagnosis.facts import (
    Answer,
    Decided,
    Facts,
    Failure,
    Network,
    Reached,
    Role,
    Route,
    Said,
    Trouble,
)
from resolver.model import Ede

ONE, TWO, ALSO = "udp://192.0.2.53", "udp://198.51.100.53", "udp://203.0.113.53"
SITE, OTHER = "192.0.2.80", "198.51.100.80"
LULL = "127.0.0.1:53"
ONLINE = Network(Route("eth0", "192.0.2.1"), Route("eth0", "fe80::1"), gateway_heard=True)


def answer(*addresses: str, rcode: int = 0, chain: tuple[str, ...] = (), ede: tuple[int, str] | None = None) -> Answer:
    return Answer(rcode, addresses, chain, ede=() if ede is None else (Ede(*ede),))


def silent(reason: str = "no answer in 5 seconds") -> Failure:
    return Failure(reason, silent=True)


def refused(reason: str = "Connection refused") -> Failure:
    return Failure(reason, silent=False)


def upstream(result: Answer | Failure, server: str = ONE, *, authentic: bool = False, sound: bool = True) -> Said:
    return Said(server, Role.UPSTREAM, result, 12.0, authentic, sound)


def own(result: Answer | Failure) -> Said:
    return Said(LULL, Role.OWN, result)


def works(address: str = SITE) -> tuple[Reached, ...]:
    return (Reached(address, 443, secure=True), Reached(address, 80, secure=False))


def fails(
    address: str = SITE, trouble: Trouble = Trouble.SILENT, reason: str = "nothing came in 4 seconds"
) -> tuple[Reached, ...]:
    return (Reached(address, 443, True, trouble, reason), Reached(address, 80, False, trouble, reason))


def wrong(
    address: str, trouble: Trouble = Trouble.OTHER_NAME, reason: str = "its certificate is not for it"
) -> Reached:
    return Reached(address, 443, True, trouble, reason)


WELL = Facts(
    name="www.example",
    decided=Decided("pass"),
    own=own(answer(SITE)),
    upstreams=(upstream(answer(SITE)), upstream(answer(SITE), TWO)),
    others=(),
    reached=works(),
    network=ONLINE,
)


def facts(**changed: Any) -> Facts:
    return replace(WELL, **changed)
