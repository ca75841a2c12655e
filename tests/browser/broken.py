"""A site that blocking breaks, served on this machine, and a device on which it is seen: Lull is its DNS."""

from __future__ import annotations

import contextlib
import http.client
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import dns.message
import dns.query
import dns.rdatatype

from tests.daemon.harness import Upstream

SITE, PAGE = "krimi.example", "http://www.krimi.example/"
NEEDED = "styles.adform.net"
OTHERS = ("pixel.adnxs.com", "static.hotjar.com")
"""The starter list blocks these."""

_THERE = ".".join(map(str, Upstream.address))  # where the upstream says that everything is
_PAGE = f"""<!doctype html><html lang="en"><title>Krimi</title>
<style>#works {{ display: none }}</style>
<link rel="stylesheet" href="http://{NEEDED}/page.css">
{"".join(f'<img src="http://{one}/x.gif" alt="">' for one in OTHERS)}
<h1 id="broken">Nothing can be seen here</h1><h1 id="works">Here is the film</h1>"""
_FILES = {
    "/": ("text/html", _PAGE),
    "/quiet": ("text/html", "<!doctype html><html lang=en><title>Krimi</title>"),
    "/page.css": ("text/css", "#works { display: block !important } #broken { display: none }"),
    "/x.gif": ("image/gif", "GIF89a"),
}


class _Web(BaseHTTPRequestHandler):
    """Every web server there is, whatever it is called."""

    def do_GET(self) -> None:
        kind, text = _FILES.get(self.path, ("", ""))
        self.send_response(200 if kind else 404)
        self.send_header("Content-Type", kind or "text/plain")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


class Device:
    """What a browser on the device reaches the world by (an HTTP proxy at `port`): it asks Lull where a name is, and
    remembers that for as long as the answer says."""

    def __init__(self, dns_port: int) -> None:
        self._dns = dns_port
        self._known: dict[str, tuple[str, float]] = {}
        self._web = _served(_Web)
        self._proxy = _served(type("_Proxy", (_Proxy,), {"device": self}))
        self.port: int = self._proxy.server_address[1]

    def address(self, name: str) -> str:
        """Where a name is; "" when there is no such name."""
        address, until = self._known.get(name, ("", 0.0))
        if time.monotonic() < until:
            return address
        answer = ask(self._dns, name)
        ttl = min((rrset.ttl for rrset in answer.answer), default=0)
        found = [str(one) for rrset in answer.answer if rrset.rdtype == dns.rdatatype.A for one in rrset]
        self._known[name] = (next(iter(found), ""), time.monotonic() + ttl)
        return self._known[name][0]

    @property
    def remembers(self) -> float:
        """Seconds until nothing is remembered any more of what was blocked."""
        ends = [until for address, until in self._known.values() if address == "0.0.0.0"]
        return max(0.0, max(ends, default=0.0) - time.monotonic())

    def forget(self) -> None:
        """As a device that is switched off and on again."""
        self._known.clear()

    def get(self, name: str, path: str) -> tuple[int, str, bytes]:
        """Status, content type and content of what a machine has there; raises OSError where none answers."""
        address = self.address(name)
        if address != _THERE:
            raise ConnectionRefusedError(f"{name} is at {address}")
        connection = http.client.HTTPConnection("127.0.0.1", self._web.server_address[1], timeout=5)
        with contextlib.closing(connection):
            connection.request("GET", path, headers={"Host": name})
            reply = connection.getresponse()
            return reply.status, reply.getheader("Content-Type", ""), reply.read()

    def close(self) -> None:
        for server in (self._proxy, self._web):
            server.shutdown()
            server.server_close()


class _Proxy(BaseHTTPRequestHandler):
    device: Device

    def do_GET(self) -> None:
        there = urlsplit(self.path)
        try:
            status, kind, content = self.device.get(there.hostname or "", there.path)
        except OSError as error:
            self.send_error(502, str(error))
            return
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def do_CONNECT(self) -> None:
        self.send_error(502, "there is nothing here over TLS")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def ask(port: int, name: str, source: str = "127.0.0.1") -> dns.message.Message:
    """What Lull says to a device at an address."""
    return dns.query.udp(dns.message.make_query(name, "A"), "127.0.0.1", timeout=5, port=port, source=source)


@contextlib.contextmanager
def device(dns_port: int) -> Iterator[Device]:
    made = Device(dns_port)
    try:
        yield made
    finally:
        made.close()


def _served(handler: type[BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server
