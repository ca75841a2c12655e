"""What a config file can say, as frozen structs that hold parsed values. Every key has its description here.

These structs are read by `read`, checked by `check` and documented by `document`; what a value of a type is written
like stands in `kinds`. In annotations a `float` is a duration in seconds, and `None` means "not given".
"""

from __future__ import annotations

import ipaddress
import pathlib
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct, field

from resolver import model
from resolver.config.admin import Admin
from resolver.config.blocking import Blocking
from resolver.config.diagnosing import Diagnose
from resolver.config.discovery import Discovery
from resolver.config.encrypted import Encrypted
from resolver.config.limits import Limits
from resolver.config.log import Log
from resolver.config.people import Device, Group
from resolver.config.schedule import Schedule
from resolver.config.site import Site
from resolver.config.truth import Cache, Dnssec, Rebinding
from resolver.config.updates import Updates
from resolver.config.values import (
    Address,
    Asker,
    Crowd,
    DeviceName,
    Endpoint,
    ExactName,
    GroupName,
    ListId,
    ListUrl,
    OwnRule,
    ScheduleName,
    StoreUrl,
    SubtreeName,
    Upstream,
    UserName,
)

Strategy = Literal["fastest", "parallel", "ordered", "random", "sticky"]
One = Annotated[tuple[Upstream, ...], Meta(min_length=1, extra={"single": True})]


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
    strangers: Annotated[
        Literal["refuse", "drop"],
        Meta(
            description="What others get over UDP: they are refused, or get no answer. Over every other transport they "
            "are refused."
        ),
    ] = "refuse"
    workers: Annotated[int, Meta(ge=1, le=64, description="How many processes answer queries.")] = 1
    user: Annotated[
        UserName, Meta(description="The user to become once the sockets are bound, when started as root. Empty: stay.")
    ] = ""


class ListSource(Struct, frozen=True):
    """A list in use; while a config is read, also a preset. `kind`, `syntax` and `subdomains` are None only for an id
    of the catalogue: as that says."""

    shorthand: ClassVar[str] = "id"

    id: Annotated[
        ListId, Meta(description="The list's name here; an id or preset of the catalogue needs nothing else.")
    ]
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
    mode: Annotated[
        Literal["live", "shadow"],
        Meta(description="Live, or shadow: what it would have blocked is recorded, and nothing is blocked."),
    ] = "live"


class Config(Struct, frozen=True):
    """A whole config. As loaded it holds the group "default", absolute paths, no presets, MAC addresses in small
    letters with colons, host names in small letters, rules whose lines were read, merged RRsets, and the basics if a
    schedule needs them."""

    dns: Annotated[Dns, Meta(description="Where and whom Lull answers.")] = Dns()
    limits: Annotated[Limits, Meta(description="How much one client may ask.")] = Limits()
    encrypted: Annotated[Encrypted, Meta(description="Where Lull answers encrypted queries.")] = Encrypted()
    admin: Annotated[Admin, Meta(description="The admin pages and the API.")] = Admin()
    state: Annotated[
        pathlib.Path,
        Meta(description="The directory of the database, downloads and bundles; relative to where Lull starts."),
    ] = pathlib.Path("state")
    store: Annotated[
        StoreUrl,
        Meta(
            description="The database: postgresql+psycopg://USER:PASSWORD@HOST/DATABASE, perhaps without the password, "
            "which may stand in ~/.pgpass or in PGPASSWORD. Empty: the file lull.db in the state directory."
        ),
    ] = StoreUrl()
    upstreams: Annotated[
        tuple[Upstream, ...],
        Meta(
            min_length=1,
            description="The resolvers to forward to: udp://ADDRESS, tcp://ADDRESS, tls://ADDRESS#NAME, "
            "https://NAME/dns-query (h3:// for HTTP/3), quic://ADDRESS#NAME, each perhaps with a :PORT, and sdns:// "
            "stamps of these. "
            "There may be options: ?bootstrap=ADDRESS&pin=sha256//HASH. Or a provider such as quad9, or "
            "system: whom this machine asks.",
        ),
    ] = (
        Upstream("udp://9.9.9.9", "udp", "9.9.9.9", 53),
        Upstream("udp://149.112.112.112", "udp", "149.112.112.112", 53),
    )
    strategy: Annotated[
        Strategy,
        Meta(
            description="Whom of the upstreams to ask: the fastest, several in parallel, as they are ordered, a random "
            "one, or a sticky one (the names of a site always go to the same)."
        ),
    ] = "fastest"
    fallback: Annotated[
        tuple[Upstream, ...],
        Meta(description="The resolvers to ask while those of upstreams say nothing."),
    ] = ()
    forward: Annotated[
        dict[SubtreeName, One],
        Meta(
            description="Domains that other resolvers know of, with all below them: for each whom to ask, or several."
        ),
    ] = field(default_factory=dict)
    bootstrap: Annotated[
        tuple[Address, ...],
        Meta(description="The resolvers, by address, to ask for the addresses of upstreams that are given by name."),
    ] = (ipaddress.ip_address("9.9.9.9"), ipaddress.ip_address("149.112.112.112"))
    cache: Annotated[Cache, Meta(description="How long answers from upstream are kept.")] = Cache()
    client_subnet: Annotated[
        Literal["strip", "forward"],
        Meta(
            description="What becomes of a client's word on which network it is in (EDNS Client Subnet): it is left "
            "out, or upstreams are told as much of it as they need, 24 bits of an IPv4 and 56 of an IPv6 address."
        ),
    ] = field(default="strip", name="client-subnet")
    dnssec: Annotated[Dnssec, Meta(description="What is passed on of DNSSEC.")] = Dnssec()
    rebinding: Annotated[
        Rebinding, Meta(description="Protection of devices in the house from names that lead outsiders to them.")
    ] = Rebinding()
    diagnose: Annotated[Diagnose, Meta(description="What `lull diagnose` may ask.")] = Diagnose()
    blocking: Annotated[Blocking, Meta(description="How a blocked name is answered.")] = Blocking()
    lists: Annotated[
        tuple[ListSource, ...],
        Meta(description="The lists in use: ids and presets of the catalogue, and lists of your own."),
    ] = (ListSource("balanced"),)
    groups: Annotated[
        dict[GroupName, Group],
        Meta(description="Devices that share lists. The group default always exists: it is everyone not named."),
    ] = field(default_factory=lambda: {"default": Group()})
    devices: Annotated[
        dict[DeviceName, Device],
        Meta(description="Devices by name: how they are known, and the rules that are for each alone."),
    ] = field(default_factory=dict)
    discovery: Annotated[Discovery, Meta(description="How devices are found whose addresses change.")] = Discovery()
    schedules: Annotated[
        dict[ScheduleName, Schedule],
        Meta(description="Hours of the week in which other rules hold for the groups that name the schedule."),
    ] = field(default_factory=dict)
    basics: Annotated[
        tuple[SubtreeName, ...] | None,
        Meta(
            description="The names, with all below them, that `only` of a schedule never blocks. Left out: what "
            "devices need to see that they are online, to set their clocks and to update their systems."
        ),
    ] = None
    updates: Annotated[Updates, Meta(description="When a new version of a list is refused or taken back.")] = Updates()
    rules: Annotated[
        tuple[OwnRule, ...],
        Meta(
            description='Rules of the house, above every list: "allow NAME" or "deny NAME", subdomains included; '
            '"allow exact NAME"; or any line of a list in place of NAME.'
        ),
    ] = ()
    sites: Annotated[
        tuple[Site, ...],
        Meta(description="What is allowed while a device is on a site, and for a while after."),
    ] = ()
    records: Annotated[
        tuple[model.RRset, ...],
        Meta(description="Local records, as in a zone file: NAME [TTL] TYPE DATA. NAME may be a wildcard, *.NAME."),
    ] = ()
    host_names: Annotated[
        tuple[ExactName, ...] | None,
        Meta(
            description="The names of this machine, answered with its own addresses. Left out: its host name, that "
            "below home.arpa, and lull.home.arpa."
        ),
    ] = field(default=None, name="host-names")
    log: Annotated[Log, Meta(description="The log of queries.")] = Log()

    def lists_of(self, group: str) -> tuple[str, ...]:
        """The ids of the lists that a group uses: those it names, or all."""
        named = self.groups[group].lists
        return tuple(source.id for source in self.lists) if named is None else named

    def blocking_of(self, group: str) -> Blocking:
        """How a blocked name is answered for a group: what it does not say itself is as for everyone."""
        own, common = self.groups[group].blocking, self.blocking
        mode = own.mode or common.mode
        addresses = own.addresses or (common.addresses if mode == common.mode else ())
        return Blocking(mode, common.ttl if own.ttl is None else own.ttl, addresses)
