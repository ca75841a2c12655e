"""Leases of DHCP servers on this machine: dnsmasq's file, ISC dhcpd's, and Kea's memfiles for IPv4 and IPv6.

Their host names are what devices call themselves, and any line may be hostile or cut short: it is skipped.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import pathlib
import re
import stat
from collections.abc import Iterable, Sequence

import msgspec

from resolver.network.naming import host_name

PLACES = tuple(
    pathlib.Path(place)
    for place in (
        "/var/lib/misc/dnsmasq.leases",
        "/var/lib/dnsmasq/dnsmasq.leases",
        "/var/db/dnsmasq.leases",
        "/etc/pihole/dhcp.leases",
        "/var/lib/dhcp/dhcpd.leases",
        "/var/lib/dhcpd/dhcpd.leases",
        "/var/lib/kea/kea-leases4.csv",
        "/var/lib/kea/kea-leases6.csv",
    )
)
"""Where the servers put them unless told otherwise; no place where anybody may put a file."""

LARGEST = 8 << 20
"""Bytes of a file that are read, from its end: what is newest stands last."""

_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}", re.ASCII)
_STAMP = re.compile(r"\d \d{4}/\d\d/\d\d \d\d:\d\d:\d\d", re.ASCII)
_LIFETIME = 1_000_000_000  # an "expiry" below is a length: dnsmasq on a machine without a clock
_DELEGATED = "2"  # Kea's lease_type for a whole prefix


class Lease(msgspec.Struct, frozen=True):
    """A lease in force; `mac` and `host` are "" where the file does not say, or says nonsense."""

    address: str
    mac: str
    host: str


def parse(text: str, now: float) -> dict[str, Lease]:
    """The leases in force at `now` (Unix time), by address. What stands later holds."""
    lines = text.lstrip().split("\n")  # not splitlines, which knows more ends of lines than those who write them
    first = lines[0].strip()
    if first.startswith("address,"):
        return _kea(lines, now)
    if re.match(r"[0-9]+ |duid ", first):
        return _dnsmasq(lines, now)
    return _isc(lines, now)


def _dnsmasq(lines: Iterable[str], now: float) -> dict[str, Lease]:
    """Lines of expiry (0: never), MAC (for IPv6 another number), address, host name (*: none), client id."""
    found: dict[str, Lease] = {}
    for line in lines:
        fields = line.split()
        if len(fields) >= 4 and fields[0].isascii() and fields[0].isdigit():
            expiry = int(fields[0][:15])
            _hold(found, fields[2], fields[1], fields[3], held=not _LIFETIME <= expiry <= now)
    return found


def _kea(lines: Sequence[str], now: float) -> dict[str, Lease]:
    """A line for each change of a lease, below a line that names the columns."""
    found: dict[str, Lease] = {}
    columns = lines[0].strip().split(",")
    for line in lines[1:]:
        row = dict(zip(columns, line.split(","), strict=False))
        if len(row) == len(columns) and row.get("lease_type") != _DELEGATED:
            expire = row.get("expire", "")
            held = row.get("state", "0") == "0" and expire.isascii() and expire.isdigit() and int(expire[:15]) > now
            _hold(found, row["address"], row.get("hwaddr", ""), row.get("hostname", ""), held=held)
    return found


def _isc(lines: Iterable[str], now: float) -> dict[str, Lease]:
    """Blocks "lease ADDRESS { … }" of statements, one a line."""
    found: dict[str, Lease] = {}
    address = ""
    said: dict[str, str] = {}
    for line in map(str.strip, lines):
        if line.startswith("lease ") and line.endswith("{"):
            address, said = line[6:-1].strip(), {}
        elif line == "}" and address:
            held = said.get("binding") == "active" and _lasts(said.get("ends", ""), now)
            _hold(found, address, said.get("hardware", ""), said.get("client-hostname", "").strip('"'), held=held)
            address = ""
        elif address:
            key, _, rest = line.partition(";")[0].partition(" ")
            value = rest.removeprefix("state ") if key == "binding" else rest.removeprefix("ethernet ")
            said[key] = value.strip()
    return found


def _lasts(ends: str, now: float) -> bool:
    """Whether "never", "epoch SECONDS", or or weekday, date and time in UTC, is still to come."""
    if ends == "never":
        return True
    word, _, seconds = ends.partition(" ")
    if word == "epoch":
        return seconds.isascii() and seconds.isdigit() and int(seconds[:15]) > now
    if not _STAMP.fullmatch(ends):
        return False
    try:
        return dt.datetime.strptime(ends[2:], "%Y/%m/%d %H:%M:%S").replace(tzinfo=dt.UTC).timestamp() > now
    except ValueError:
        return False


def _hold(found: dict[str, Lease], address: str, mac: str, host: str, *, held: bool) -> None:
    """Remember a lease, or forget the address: it is free."""
    try:
        text = str(ipaddress.ip_address(address))
    except ValueError:
        return
    found.pop(text, None)
    if held:
        small = mac.lower()
        found[text] = Lease(text, small if _MAC.fullmatch(small) else "", host_name(host))


class Leases:
    """The files, read again only when they changed."""

    def __init__(self) -> None:
        self._seen: dict[pathlib.Path, tuple[object, str]] = {}

    def read(self, paths: Sequence[pathlib.Path], now: float) -> dict[str, Lease]:
        """What the files that are there say together at `now` (Unix time), by address. Blocks."""
        self._seen = {path: seen for path, seen in self._seen.items() if path in paths}
        found: dict[str, Lease] = {}
        for path in paths:
            found |= parse(self._text(path), now)
        return found

    def _text(self, path: pathlib.Path) -> str:
        try:
            status = path.stat()
            mark = (status.st_ino, status.st_size, status.st_mtime_ns)
            if path not in self._seen or self._seen[path][0] != mark:
                self._seen[path] = mark, _load(path)
        except OSError:
            self._seen.pop(path, None)
            return ""
        return self._seen[path][1]


def _load(path: pathlib.Path) -> str:
    """The text of a file; of a large one its first line and its end. A pipe or a device is no file: empty."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return ""
        head = b""
        if status.st_size > LARGEST:
            head = file.readline(4096)
            file.seek(-LARGEST, os.SEEK_END)
            file.readline(LARGEST)
        return (head + file.read(LARGEST)).decode("utf-8", "replace")
