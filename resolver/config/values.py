"""The values that texts of a config are read into, and the words that name things. `leaves` and `kinds` read them."""

from __future__ import annotations

import ipaddress
from enum import StrEnum
from typing import Annotated, Literal, NewType

from msgspec import Meta, Struct

from resolver.config import called

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Crowd(StrEnum):
    """The words that stand for many clients: every address that is not globally routable, and every address."""

    PRIVATE = "private"
    ANY = "any"


Asker = ipaddress.IPv4Network | ipaddress.IPv6Network | Crowd


class Endpoint(Struct, frozen=True):
    """An IP address (canonical text, perhaps with a zone: fe80::1%eth0) and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Upstream(Struct, frozen=True):
    """A resolver to forward to: its URL (`config.upstreams` reads it) and what that says.

    One that is "named" is a word for others (`config.providers`); there is none in a config as loaded.
    `host` is canonical address text, or a name (normal text form). `name` is what the certificate must hold. `path`
    and `method` are for https and h3 alone. `bootstrap` are the servers that know the
    address of `host`, `pins` the SHA-256 hashes of public keys (RFC 7469 section 2.4), one of which the certificate
    must have.
    """

    url: str
    transport: Literal["udp", "tcp", "tls", "https", "h3", "quic", "named"]
    host: str
    port: int
    name: str = ""
    path: str = ""
    method: Literal["post", "get"] = "post"
    bootstrap: tuple[Endpoint, ...] = ()
    pins: tuple[bytes, ...] = ()

    def __str__(self) -> str:
        return self.url

    @property
    def encrypted(self) -> bool:
        return self.transport not in {"udp", "tcp", "named"}

    @property
    def addressed(self) -> bool:
        """Whether `host` is an address, so that nobody need be asked for one."""
        return ":" in self.host or self.host.replace(".", "").isdigit()


class StoreUrl(Struct, frozen=True):
    """Where the database is, perhaps with a password: `url` is never shown. Empty: a file in the state directory."""

    url: str = ""

    def __repr__(self) -> str:
        return "StoreUrl(...)" if self.url else "StoreUrl()"

    __str__ = __repr__


class OwnRule(Struct, frozen=True):
    """A rule of people's own: for a name and all below it, or (`exact`) for that name alone; or for what a `line` of a
    list matches, where that is no plain name.

    `name` is normal text form (wire.name.to_text); of a line that is about one name, that name, else empty. `text` is
    the rule as it was written, `line` in the one form that equal rules share: without `@@`, which `action` says, unless
    a plain name would be left.
    """

    action: Literal["allow", "deny"]
    name: str
    text: str
    exact: bool = False
    line: str = ""

    def __str__(self) -> str:
        return self.text


SubtreeName = NewType("SubtreeName", str)
"""A name in normal text form (wire.name.to_text) that stands for itself and everything below it."""

ExactName = NewType("ExactName", str)
"""A name in normal text form that stands for itself alone."""

Whom = NewType("Whom", str)
"""One client: an address in canonical text, or a device's name in small letters."""

Window = NewType("Window", int)
"""Seconds."""

Size = NewType("Size", int)
"""Bytes; 0 is no limit."""

Router = NewType("Router", str)
"""An address in canonical text, or one of the words auto and off."""


class MacAddress(Struct, frozen=True):
    """A MAC address: small letters, colons."""

    text: str

    def __str__(self) -> str:
        return self.text


class DeviceRef(Struct, frozen=True):
    """A device by its name, in small letters."""

    name: str

    def __str__(self) -> str:
        return self.name


Member = ipaddress.IPv4Network | ipaddress.IPv6Network | MacAddress | DeviceRef
"""Who is of a group."""


class Target(Struct, frozen=True):
    """What a schedule blocks: a name and everything below it (normal text form), a service or a list by its id; a kind
    of services and a preset are ids too, until the config is loaded."""

    kind: Literal["name", "service", "list"]
    word: str

    def __str__(self) -> str:
        return self.word if self.kind == "name" else f"{self.kind}:{self.word}"


_SIGNS = "up to 64 letters, digits, spaces and _ - ' \N{RIGHT SINGLE QUOTATION MARK} & ( ), a letter or digit first"


def _name(of: str) -> Meta:
    """What people call something that is theirs."""
    return Meta(extra={"is": f"{of}: {_SIGNS}", "read": called.name, "pattern": f"^{called.FORM}$"})


def _id(of: str) -> Meta:
    """What data files and configs call something."""
    return Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$", extra={"is": of})


Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ListId = Annotated[str, _id("a list id (small letters, digits, -); a list of your own has an id and a file or url")]
ServiceId = Annotated[str, _id("a service, a kind of services or a search engine (small letters, digits, -)")]
GroupName = Annotated[str, _name("a group's name")]
ScheduleName = Annotated[str, _name("a schedule's name")]
DEVICE = f"a device's name: {_SIGNS}; no MAC address"
DeviceName = Annotated[
    str, Meta(extra={"is": DEVICE, "read": called.device, "pattern": f"^(?!{called.MAC}$){called.FORM}$"})
]
HostName = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?$",
        extra={"is": "a host name: letters, digits, _, - and dots"},
    ),
]
ListUrl = Annotated[
    str,
    Meta(
        pattern=r"^https?://([^\s/?#@]+@)?(\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]]+)(:[0-9]{1,5})?([/?#]\S*)?$",
        extra={"is": "a URL that begins with http:// or https:// and names a machine"},
    ),
]
Mac = Annotated[
    str,
    Meta(
        pattern=r"^([0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5})?$",
        extra={"is": "a MAC address, such as 02:00:5e:10:00:01"},
    ),
]
ClientId = Annotated[
    str,
    Meta(
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)?$",
        extra={"is": "a client id: up to 63 small letters, digits and -, as a label of a name"},
    ),
]
Tag = Literal[
    "device_audio",
    "device_camera",
    "device_gameconsole",
    "device_laptop",
    "device_nas",
    "device_other",
    "device_pc",
    "device_phone",
    "device_printer",
    "device_securityalarm",
    "device_tablet",
    "device_tv",
    "os_android",
    "os_ios",
    "os_linux",
    "os_macos",
    "os_other",
    "os_windows",
    "user_admin",
    "user_child",
    "user_regular",
]
UserName = Annotated[
    str, Meta(pattern=r"^([A-Za-z_][A-Za-z0-9_.-]{0,31}\$?)?$", extra={"is": "a user's name, such as lull"})
]
