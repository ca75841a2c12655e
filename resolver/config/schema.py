"""What a config file can say, as frozen structs that hold parsed values. Every key has its description here.

These structs are read by `read`, checked by `check` and documented by `document`; what a value of a type is written
like stands in `kinds`. In annotations a `float` is a duration in seconds, and `None` means "not given".
"""

from __future__ import annotations

import ipaddress
import pathlib
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct, field

from resolver import model

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
    """A resolver to forward to: the URL as written, and what it says. `host` is canonical address text."""

    url: str
    transport: Literal["udp", "tcp"]
    host: str
    port: int

    def __str__(self) -> str:
        return self.url


class OwnRule(Struct, frozen=True):
    """A rule of the house for a name and everything below it. `name` is normal text form (wire.name.to_text)."""

    action: Literal["allow", "deny"]
    name: str
    text: str

    def __str__(self) -> str:
        return self.text


ListId = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9][a-z0-9-]{0,63}$",
        extra={"is": "a list id (small letters, digits, -); a list of your own has an id and a file or url"},
    ),
]
GroupName = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9 _-]{0,63}$",
        extra={"is": "a group's name: up to 64 letters, digits, spaces, _ and -, a letter or digit first"},
    ),
]
ListUrl = Annotated[
    str,
    Meta(
        pattern=r"^https?://([^\s/?#@]+@)?(\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]]+)(:[0-9]{1,5})?([/?#]\S*)?$",
        extra={"is": "a URL that begins with http:// or https:// and names a machine"},
    ),
]
UserName = Annotated[
    str, Meta(pattern=r"^([A-Za-z_][A-Za-z0-9_.-]{0,31}\$?)?$", extra={"is": "a user's name, such as lull"})
]


class Dns(Struct, frozen=True):
    listen: Annotated[
        tuple[Endpoint, ...],
        Meta(min_length=1, description="Where queries are taken, UDP and TCP. 0.0.0.0 and [::] mean every address."),
    ] = (Endpoint("127.0.0.1", 5353),)
    allow: Annotated[
        tuple[Asker, ...],
        Meta(
            min_length=1,
            description="Who may ask: addresses, networks, or the words private (every address that is not globally "
            "routable) and any. Others are refused.",
        ),
    ] = (Crowd.PRIVATE,)
    workers: Annotated[int, Meta(ge=1, le=64, description="How many processes answer queries.")] = 1
    user: Annotated[
        UserName, Meta(description="The user to become once the sockets are bound, when started as root. Empty: stay.")
    ] = ""


class Admin(Struct, frozen=True):
    listen: Annotated[
        Endpoint, Meta(description="Where the admin pages and the API are served: one address and port.")
    ] = Endpoint("127.0.0.1", 8080)


class Blocking(Struct, frozen=True):
    mode: Annotated[
        Literal["null-address", "nxdomain", "nodata", "refused", "address"],
        Meta(
            description="What a blocked name is answered with: 0.0.0.0 and ::, a denial that it exists, an empty "
            "answer, a refusal, or the addresses below."
        ),
    ] = "null-address"
    ttl: Annotated[
        float,
        Meta(ge=0, le=86400, description="How long clients keep a blocked answer. Short: a repair works on reload."),
    ] = 10.0
    addresses: Annotated[
        tuple[Address, ...], Meta(description="The answer of mode address, IPv4 and IPv6. Only for that mode.")
    ] = ()

    def answer(self) -> model.BlockAnswer:
        """What a blocked name is answered with, as the rest of Lull speaks of it."""
        match self.mode:
            case "null-address":
                return model.NullAddress()
            case "nxdomain":
                return model.Nxdomain()
            case "nodata":
                return model.Nodata()
            case "refused":
                return model.Refused()
            case "address":
                v4 = tuple(address.packed for address in self.addresses if address.version == 4)
                return model.Address(v4, tuple(address.packed for address in self.addresses if address.version == 6))


class ListSource(Struct, frozen=True):
    """A list in use. `kind`, `syntax` and `subdomains` are None only for an id of the catalogue: as that says."""

    shorthand: ClassVar[str] = "id"

    id: Annotated[ListId, Meta(description="The list's name here; an id of the catalogue needs nothing else.")]
    file: Annotated[
        pathlib.Path | None, Meta(description="A file with the list, relative to this config file's directory.")
    ] = None
    url: Annotated[ListUrl | None, Meta(description="Where the list is downloaded from: http:// or https://.")] = None
    kind: Annotated[
        Literal["block", "allow"] | None,
        Meta(description="Whether its names are blocked or allowed. Block, unless the catalogue says otherwise."),
    ] = None
    refresh: Annotated[
        float, Meta(ge=3600, le=31536000, description="How often a new version is looked for: an hour or more.")
    ] = 43200.0
    syntax: Annotated[
        Literal["hosts", "domains", "adblock", "rpz", "dnsmasq", "auto"] | None,
        Meta(description="How its lines are read. Auto (line by line), unless the catalogue says otherwise."),
    ] = None
    subdomains: Annotated[
        bool | None,
        Meta(description="Whether a plain name covers its subdomains too. No, unless the catalogue says otherwise."),
    ] = None


class Group(Struct, frozen=True):
    clients: Annotated[
        tuple[Network, ...],
        Meta(description="The devices of this group: addresses and networks. The longest match decides."),
    ] = ()
    lists: Annotated[
        tuple[ListId, ...] | None, Meta(description="The ids of the lists this group uses. Left out: all; []: none.")
    ] = None


class Log(Struct, frozen=True):
    keep: Annotated[
        float, Meta(ge=3600, le=315360000, description="How long queries are kept in the log: an hour to ten years.")
    ] = 2592000.0
    privacy: Annotated[
        model.Privacy,
        Meta(description="What the log keeps: everything, no clients, no names either, or nothing at all."),
    ] = "full"


class Config(Struct, frozen=True):
    """A whole config. As loaded it holds the group "default", absolute list files and merged RRsets."""

    dns: Annotated[Dns, Meta(description="Where and whom Lull answers.")] = Dns()
    admin: Annotated[Admin, Meta(description="The admin pages and the API.")] = Admin()
    state: Annotated[
        pathlib.Path,
        Meta(description="The directory of the database, downloads and bundles; relative to where Lull starts."),
    ] = pathlib.Path("state")
    upstreams: Annotated[
        tuple[Upstream, ...],
        Meta(min_length=1, description="The resolvers to forward to: udp://ADDRESS[:PORT] or tcp://ADDRESS[:PORT]."),
    ] = (
        Upstream("udp://9.9.9.9", "udp", "9.9.9.9", 53),
        Upstream("udp://149.112.112.112", "udp", "149.112.112.112", 53),
    )
    blocking: Annotated[Blocking, Meta(description="How a blocked name is answered.")] = Blocking()
    lists: Annotated[
        tuple[ListSource, ...], Meta(description="The lists in use: ids of the catalogue, and lists of your own.")
    ] = (ListSource("hagezi-pro"),)
    groups: Annotated[
        dict[GroupName, Group],
        Meta(description="Devices that share lists. The group default always exists: it is everyone not named."),
    ] = field(default_factory=lambda: {"default": Group()})
    rules: Annotated[
        tuple[OwnRule, ...],
        Meta(description='Rules of the house, above every list: "allow NAME" or "deny NAME", subdomains included.'),
    ] = ()
    records: Annotated[
        tuple[model.RRset, ...], Meta(description="Local records, as in a zone file: NAME [TTL] TYPE DATA.")
    ] = ()
    log: Annotated[Log, Meta(description="The log of queries.")] = Log()

    def lists_of(self, group: str) -> tuple[str, ...]:
        """The ids of the lists that a group uses: those it names, or all."""
        named = self.groups[group].lists
        return tuple(source.id for source in self.lists) if named is None else named
