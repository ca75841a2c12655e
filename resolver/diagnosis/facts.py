"""What was found out about a name before anybody judges: who says what of it, what answers there, and the network.

Addresses are canonical text, names normal text (wire.name.to_text), times milliseconds.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from resolver.model import Ede, Rcode


class Role(StrEnum):
    """Why a resolver was asked: it is Lull itself; queries are forwarded to it; it is an upstream by another transport;
    or it was named by the person who asks, though it is not configured."""

    OWN = "own"
    UPSTREAM = "upstream"
    TRANSPORT = "transport"
    ALSO = "also"


class Answer(msgspec.Struct, frozen=True):
    """What a resolver says of a name: `rcode`, the addresses of both families, the names that CNAMEs lead through (the
    target last), whether it says that it validated the answer, and its Extended DNS Errors."""

    rcode: int
    addresses: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()
    ad: bool = False
    ede: tuple[Ede, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether it says anything of the name: that is not so of SERVFAIL or REFUSED."""
        return self.rcode in _USABLE


class Failure(msgspec.Struct, frozen=True):
    """No answer, and why. `silent`: nothing at all came from that machine; else it, at least, is there. `untimely`: its
    certificate is right but for the dates."""

    reason: str
    silent: bool
    untimely: bool = False


class Said(msgspec.Struct, frozen=True):
    """What one resolver said, after how long. `authentic`: it is asked over a transport that shows who it is. `sound`:
    it knows the root, as any resolver does that works."""

    server: str
    role: Role
    result: Answer | Failure
    ms: float = 0.0
    authentic: bool = False
    sound: bool = True


class Trouble(StrEnum):
    """Why an address does not serve a name on a port."""

    REFUSED = "refused"
    SILENT = "silent"
    UNREACHABLE = "unreachable"
    EXPIRED = "expired"
    EARLY = "early"
    OTHER_NAME = "other-name"
    UNKNOWN_ISSUER = "unknown-issuer"
    TLS = "tls"


class Reached(msgspec.Struct, frozen=True):
    """Whether a port of an address takes connections and, if `secure`, shows a certificate that is right for the name.
    `reason` is the trouble in words."""

    address: str
    port: int
    secure: bool
    trouble: Trouble | None = None
    reason: str = ""
    ms: float = 0.0


class Route(msgspec.Struct, frozen=True):
    """The way out: the interface, and the router's address ("" on a line that needs none)."""

    interface: str
    gateway: str = ""


class Portal(msgspec.Struct, frozen=True):
    """What came of asking the configured page that shows captive portals. `captive`: somebody else answered; `where`
    is what was answered, or why nothing was."""

    captive: bool
    where: str = ""


class Network(msgspec.Struct, frozen=True):
    """The default routes; whether the router is heard of on the wire (None: not known); the portal (None: not looked
    for)."""

    v4: Route | None = None
    v6: Route | None = None
    gateway_heard: bool | None = None
    portal: Portal | None = None


class Decided(msgspec.Struct, frozen=True):
    """What policy says: the verdict's word (block, allow, pass, rewrite), the rule ("" for none), the alias that it is
    about if it is not the name; and what to type to change it. `firm`: people or the config spoke for it, whose word
    stands against local addresses too."""

    verdict: str
    rule: str = ""
    via: str = ""
    command: str = ""
    firm: bool = False


class Facts(msgspec.Struct, frozen=True):
    """All about one name, for `whom` ("" for anybody). `alike`: what Lull answered to this machine, `own`, is what it
    would answer to the device too, as far as policy goes. `admitted`: the device may ask at all."""

    name: str
    decided: Decided
    own: Said
    upstreams: tuple[Said, ...] = ()
    others: tuple[Said, ...] = ()
    reached: tuple[Reached, ...] = ()
    network: Network = Network()
    whom: str = ""
    alike: bool = True
    admitted: bool = True

    @property
    def asked(self) -> tuple[Said, ...]:
        """Everybody but Lull itself."""
        return (*self.upstreams, *self.others)


_USABLE = frozenset({int(Rcode.NOERROR), int(Rcode.NXDOMAIN)})
