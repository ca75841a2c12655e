"""The peers, as Debian has them, each set up as its manual says: the names blocked with all below them (NXDOMAIN),
everything else asked of one upstream without DNSSEC, a cache that holds all popular names, one thread, no query log."""

from __future__ import annotations

import getpass
import pathlib
import subprocess
from collections.abc import Sequence

from benchmarks.bench.servers import START, Server, append, written
from benchmarks.bench.workload import Rules, read

_SERIAL = "1000000001"
_BUFFER = 4 << 20  # bytes of a socket's buffer, for those that can be told; Lull asks for as many
_HEAD = f"$TTL 300\n$ORIGIN rpz.local.\n@ IN SOA a. b. {_SERIAL} 3600 600 86400 300\n@ IN NS localhost.\n"


class Dnsmasq(Server):
    name, binary, renewal = "dnsmasq", "dnsmasq", "SIGHUP"

    def command(self) -> Sequence[str]:
        names = _once(self.folder / "servers", self.rules, "server=/{0}/\n")
        return [
            *("dnsmasq", "--keep-in-foreground", f"--port={self.port}", "--listen-address=127.0.0.1"),
            *("--bind-interfaces", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--cache-size=100000"),
            *(f"--server=127.0.0.1#{self.upstream}", f"--servers-file={names}", "--dns-forward-max=5000"),
            *(f"--user={getpass.getuser()}", "--pid-file="),
        ]

    def add(self, name: str) -> None:
        append(self.folder / "servers", f"server=/{name}/\n")


class Unbound(Server):
    name, binary, renewal = "Unbound", "unbound", "SIGHUP"

    def command(self) -> Sequence[str]:
        zones = _once(self.folder / "zones.conf", self.rules, 'local-zone: "{0}" always_nxdomain\n', "server:\n")
        text = f"""server:
 interface: 127.0.0.1@{self.port}
 do-daemonize: no
 username: ""
 chroot: ""
 directory: "{self.folder}"
 pidfile: ""
 use-syslog: no
 num-threads: 1
 do-not-query-localhost: no
 msg-cache-size: 128m
 rrset-cache-size: 256m
 outgoing-range: 4096
 num-queries-per-thread: 2048
 module-config: "iterator"
 minimal-responses: yes
 so-rcvbuf: {_BUFFER}
include: "{zones}"
forward-zone:
 name: "."
 forward-addr: 127.0.0.1@{self.upstream}
remote-control:
 control-enable: no
"""
        return ["unbound", "-d", "-c", str(written(self.folder / "unbound.conf", text))]

    def add(self, name: str) -> None:
        append(self.folder / "zones.conf", f'local-zone: "{name}" always_nxdomain\n')


class Dnsdist(Server):
    name, binary, renewal = "dnsdist", "dnsdist", "restart: its rules are read at the start"

    def command(self) -> Sequence[str]:
        names = _once(self.folder / "names", self.rules, "{0}\n")
        text = f"""setUDPSocketBufferSizes({_BUFFER}, {_BUFFER})
setLocal('127.0.0.1:{self.port}')
newServer({{address='127.0.0.1:{self.upstream}', useClientSubnet=false}})
getPool(''):setCache(newPacketCache(200000, {{maxTTL=86400}}))
blocked = newSuffixMatchNode()
for line in io.lines('{names}') do blocked:add(newDNSName(line)) end
addAction(SuffixMatchNodeRule(blocked), RCodeAction(DNSRCode.NXDOMAIN))
setACL({{'127.0.0.0/8'}})
setSecurityPollSuffix('')
"""
        conf = written(self.folder / "dnsdist.conf", text)
        return ["dnsdist", "--supervised", "-C", str(conf), "--disable-syslog"]

    def add(self, name: str) -> None:
        append(self.folder / "names", f"{name}\n")

    def renew(self) -> None:
        self.restart()


class Recursor(Server):
    name, binary, renewal = "PowerDNS Recursor", "pdns_recursor", "rec_control reload-lua-config"

    def command(self) -> Sequence[str]:
        zone = _once(self.folder / "rpz.zone", self.rules, _RPZ, _HEAD)
        lua = written(self.folder / "recursor.lua", f'rpzFile("{zone}", {{policyName="bench"}})\n')
        text = f"""socket-dir={self.folder}
local-address=127.0.0.1
local-port={self.port}
daemon=no
threads=1
dnssec=off
forward-zones-recurse=.=127.0.0.1:{self.upstream}
lua-config-file={lua}
max-cache-entries=1000000
dont-query=
security-poll-suffix=
setuid=
setgid=
hint-file=no
"""
        written(self.folder / "recursor.conf", text)
        return ["pdns_recursor", f"--config-dir={self.folder}"]

    def add(self, name: str) -> None:
        append(self.folder / "rpz.zone", _RPZ.format(name))

    def renew(self) -> None:
        command = ["rec_control", f"--socket-dir={self.folder}", "--timeout=60", "reload-lua-config"]
        subprocess.run(command, check=True, capture_output=True)


class Knot(Server):
    name, binary = "Knot Resolver", "kresd"
    renewal = "restart: it watches its files only with a Lua library that Debian's package leaves out"

    def command(self) -> Sequence[str]:
        zone = _once(self.folder / "rpz.zone", self.rules, _RPZ, _HEAD)
        text = f"""net.listen('127.0.0.1', {self.port}, {{ kind = 'dns' }})
modules = {{ 'policy', 'hints' }}
cache.size = 200*MB
trust_anchors.remove('.')
policy.add(policy.rpz(policy.DENY, '{zone}', false))
policy.add(policy.all(policy.FORWARD({{'127.0.0.1@{self.upstream}'}})))
log_level('err')
"""
        return ["kresd", "-n", "-c", str(written(self.folder / "kresd.conf", text)), str(self.folder)]

    def start(self, limit: float = START, mebibytes: float = float("inf")) -> float:
        """Its cache is a file: what it was told in another round would be known, and no longer missed."""
        for cache in self.folder.glob("*.mdb"):
            cache.unlink()
        return super().start(limit, mebibytes)

    def add(self, name: str) -> None:
        append(self.folder / "rpz.zone", _RPZ.format(name))

    def renew(self) -> None:
        self.restart()


class Bind(Server):
    name, binary, renewal = "BIND", "named", "SIGHUP"
    _changes = 0

    def command(self) -> Sequence[str]:
        zone = _once(self.folder / "rpz.zone", self.rules, _RPZ, _HEAD)
        text = f"""options {{
 directory "{self.folder}"; managed-keys-directory "{self.folder}"; pid-file none; session-keyfile none;
 listen-on port {self.port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
 forwarders {{ 127.0.0.1 port {self.upstream}; }}; forward only;
 recursion yes; allow-query {{ any; }}; allow-recursion {{ any; }}; allow-query-cache {{ any; }};
 udp-receive-buffer {_BUFFER}; udp-send-buffer {_BUFFER};
 dnssec-validation no; querylog no; empty-zones-enable no;
 response-policy {{ zone "rpz.local"; }} min-update-interval 0;
}};
zone "rpz.local" {{ type primary; file "{zone}"; check-names ignore; }};
controls {{ }};
"""
        return ["named", "-f", "-n", "1", "-c", str(written(self.folder / "named.conf", text))]

    def add(self, name: str) -> None:
        """A zone that changes has a higher serial number, or else it has not changed."""
        zone = self.folder / "rpz.zone"
        append(zone, _RPZ.format(name))
        self._changes += 1
        with zone.open("r+b") as file:
            file.seek(_HEAD.index(_SERIAL))
            file.write(str(int(_SERIAL) + self._changes).encode())


_RPZ = "{0} CNAME .\n*.{0} CNAME .\n"  # the name and all below it do not exist

PEERS: Sequence[type[Server]] = (Dnsmasq, Unbound, Dnsdist, Recursor, Knot, Bind)


def _once(path: pathlib.Path, rules: Rules, line: str, head: str = "") -> pathlib.Path:
    """The file of all rules, a line each, which is the same for every start."""
    if not path.exists():
        making = path.with_suffix(".making")
        with making.open("w") as out:
            out.write(head)
            out.writelines(line.format(name) for name in read(rules))
        making.rename(path)
    return path
