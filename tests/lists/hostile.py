"""Hostile downloads as data: name → what is served, a word that the reason must hold, and who must refuse it.

`site` serves them. Asked through `session`, under `LIMITS`, each fails for its own reason, and soon.
"""

from __future__ import annotations

import gzip
from collections.abc import Collection
from contextlib import AbstractAsyncContextManager

import aiohttp
import brotli
import zstandard

from resolver.lists.fetch import Limits, open_session
from resolver.lists.reach import Network
from tests.lists import bombs
from tests.lists.hostile_server import Case, Names, Server, page, redirect, said, serving, stalled

LIMITS = Limits(total=1.5, idle=0.3, size=20 * bombs.MIB, redirects=5)

GOOD = "".join(f"||ads{number}.example^\n" for number in range(1_000))

NAMES = {
    "loopback.example": "127.0.0.1",
    "mapped.example": "::ffff:127.0.0.1",
    "metadata.example": "169.254.169.254",
    "link-local.example": "fe80::1",
    "multicast.example": "ff02::1",
    "blocked.example": "0.0.0.0",
    "nat64.example": "64:ff9b::a9fe:a9fe",
}

_OK = b"HTTP/1.1 200 OK\r\n"
_PLAIN = GOOD.encode()
_GZIP = gzip.compress(_PLAIN)
_BROTLI: bytes = brotli.compress(_PLAIN)
_ZSTD = zstandard.compress(_PLAIN)

CASES = {
    # short, slow, endless
    "short": Case(said(_OK + b"Content-Length: 99999\r\n\r\n" + _PLAIN), "ended before all of it had come"),
    "chunk-cut": Case(said(_OK + b"Transfer-Encoding: chunked\r\n\r\n50\r\n||ads"), "ended before all of it had come"),
    "chunk-missing": Case(
        said(_OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n||ads\r\n"), "ended before all of it had come"
    ),
    "chunk-garbage": Case(said(_OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n||ads\r\n"), "not readable as HTTP"),
    "drip": Case(said(_OK + b"\r\n", b"#", every=0.02, times=-1), "took longer than 1.5 seconds"),
    "head-drip": Case(said(_OK + b"X: ", b"x", every=0.02, times=-1), "took longer than 1.5 seconds"),
    "early-hints": Case(
        said(b"HTTP/1.1 103 Early Hints\r\n\r\n", every=0.02, times=-1), "took longer than 1.5 seconds"
    ),
    "silent": Case(stalled(), "nothing came for 0.3 seconds"),
    "head-stalled": Case(stalled(_OK), "nothing came for 0.3 seconds"),
    "stalled": Case(stalled(_OK + b"Content-Length: 99999\r\n\r\n||ads.example^\n"), "nothing came for 0.3 seconds"),
    "head-endless": Case(said(_OK, b"X-Y: z\r\n" * 9_000, times=-1), "not readable as HTTP"),
    "head-long": Case(said(_OK + b"X: " + b"x" * (4 * bombs.MIB) + b"\r\n\r\n"), "not readable as HTTP"),
    "trailers-endless": Case(
        said(_OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n||ads\r\n0\r\n", b"X-Y: z\r\n" * 9_000, times=-1),
        "not readable as HTTP",
    ),
    "line": Case(said(_OK + b"\r\n", b"x" * bombs.MIB, times=200), "larger than 20 MiB"),
    "line-announced": Case(said(_OK + b"Content-Length: 209715200\r\n\r\n"), "larger than 20 MiB"),
    # not HTTP, or not the answer
    "ssh": Case(said(b"SSH-2.0-OpenSSH_9.9\r\n\r\n"), "not readable as HTTP"),
    "mute": Case(said(b""), "closed the connection"),
    "two-lengths": Case(
        said(_OK + b"Content-Length: 5\r\nContent-Length: 9\r\n\r\n||ads.example^\n"), "not readable as HTTP"
    ),
    "length-and-chunks": Case(
        said(_OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n||ads\r\n0\r\n\r\n"),
        "not readable as HTTP",
    ),
    "not-asked-304": Case(said(b"HTTP/1.1 304 Not Modified\r\n\r\n"), "304 Not Modified"),
    "part-206": Case(page(GOOD, status="206 Partial Content"), "206 Partial Content"),
    "none-204": Case(said(b"HTTP/1.1 204 No Content\r\n\r\n"), "204 No Content"),
    "other-101": Case(said(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"), "101 Switching Protocols"),
    "odd-299": Case(page(GOOD, status="299 Odd"), "answered 299"),
    "gone-410": Case(page("gone", status="410 Gone"), "410 Gone"),
    "sign-in-511": Case(page("sign in", status="511 X"), "511 Network Authentication Required"),
    # TLS
    "self-signed": Case(page(GOOD), "certificate is not valid", url="https://127.0.0.1:{tls}/self-signed"),
    "no-tls": Case(page(GOOD), "no TLS", url="https://127.0.0.1:{port}/no-tls"),
    # redirects
    "loop": Case(redirect("{site}/loop"), "redirects more than 5 times"),
    "to-file": Case(redirect("file:///etc/passwd"), "not http:// or https://"),
    "to-ftp": Case(redirect("ftp://192.0.2.1/list"), "not http:// or https://"),
    "to-nowhere": Case(said(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"), "does not say where to"),
    "to-nonsense": Case(redirect("http://[::1"), "not valid"),
    "to-zone": Case(said(b"HTTP/1.1 302 Found\r\nLocation: http://[fe80::1%l\xff]/\r\n\r\n"), "not valid"),
    "to-metadata": Case(redirect("http://169.254.169.254/latest/meta-data/"), "metadata"),
    "to-metadata-6": Case(redirect("http://[fd00:ec2::254]/latest/"), "metadata"),
    "to-metadata-azure": Case(redirect("http://168.63.129.16/machine"), "metadata"),
    "to-loopback": Case(redirect("http://127.0.0.2:{port}/part-206"), "loopback"),
    "to-loopback-port": Case(redirect("http://127.0.0.1:{tls}/part-206"), "loopback"),
    "to-loopback-6": Case(redirect("http://[::1]:{port}/part-206", "308 Permanent Redirect"), "loopback"),
    "to-localhost": Case(redirect("http://localhost:{port}/part-206"), "loopback"),
    "to-link-local": Case(redirect("http://[fe80::1]/"), "link-local"),
    "to-unspecified": Case(redirect("http://0.0.0.0:{port}/part-206"), "0.0.0.0"),
    "to-decimal": Case(redirect("http://2130706433:{port}/part-206"), "loopback"),
    "to-hex": Case(redirect("http://0x7f000001:{port}/part-206"), "loopback"),
    "to-octal": Case(redirect("http://0177.0.0.1:{port}/part-206"), "loopback"),
    "to-short": Case(redirect("http://127.1:{port}/part-206"), "loopback"),
    "to-mapped": Case(redirect("http://[::ffff:169.254.169.254]/"), "metadata"),
    "to-nat64": Case(redirect("http://[64:ff9b::127.0.0.1]:{port}/"), "loopback"),
    "to-name-of-loopback": Case(redirect("http://loopback.example:{port}/part-206", "307 Temporary"), "loopback"),
    "to-name-of-mapped": Case(redirect("http://mapped.example:{port}/part-206", "303 See Other"), "loopback"),
    "to-name-of-metadata": Case(redirect("http://metadata.example/", "301 Moved"), "metadata"),
    "to-name-of-link-local": Case(redirect("http://link-local.example/"), "link-local"),
    "to-name-of-nat64": Case(redirect("http://nat64.example/"), "metadata"),
    "to-name-of-nobody": Case(redirect("http://nobody.example/"), "cannot be looked up"),
    "name-of-loopback": Case(page(GOOD), "loopback", url="http://loopback.example:{port}/name-of-loopback"),
    "name-of-multicast": Case(page(GOOD), "multicast", url="http://multicast.example/"),
    "name-blocked": Case(page(GOOD), "0.0.0.0", url="http://blocked.example:{port}/name-blocked"),
    "link-local": Case(page(GOOD), "link-local", url="http://169.254.1.1/"),
    # codings
    "bomb-gzip": Case(page(bombs.of_gzip, "gzip"), "larger than 20 MiB"),
    "bomb-br": Case(page(bombs.of_brotli, "br"), "larger than 20 MiB"),
    "bomb-zstd": Case(page(bombs.of_zstd, "zstd"), "larger than 20 MiB"),
    "bomb-stacked": Case(page(bombs.stacked, "gzip, gzip"), "larger than 20 MiB"),
    "bomb-hollow": Case(page(bombs.hollow, "gzip, gzip"), "more than 10000 parts"),
    "bomb-file": Case(page(bombs.of_gzip), "larger than 20 MiB"),
    "wide-zstd": Case(page(bombs.wide, "zstd"), "8 MiB of memory"),
    "cut-gzip": Case(page(_GZIP[:-6], "gzip"), "its end is missing"),
    "cut-br": Case(page(_BROTLI[:-6], "br"), "its end is missing"),
    "cut-zstd": Case(page(_ZSTD[:-6], "zstd"), "its end is missing"),
    "cut-deflate": Case(page(_GZIP[10:-20], "deflate"), "its end is missing"),
    "cut-file": Case(page(_GZIP[:-6]), "its end is missing"),
    "cut-by-length": Case(
        said(
            _OK + f"Content-Encoding: gzip\r\nContent-Length: {len(_GZIP) - 9}\r\n\r\n".encode(),
            _GZIP[:-9],
            b"rest",
            every=0.05,
        ),
        "its end is missing",
    ),
    "label-gzip": Case(page(GOOD, "gzip"), "damaged"),
    "label-br": Case(page(GOOD, "br"), "damaged"),
    "label-zstd": Case(page(GOOD, "zstd"), "damaged"),
    "label-swapped": Case(page(_GZIP, "zstd"), "damaged"),
    "label-unknown": Case(page(GOOD, "exi"), 'packed as "exi"'),
    "label-many": Case(page(GOOD, ", ".join(["gzip"] * 9)), "9 times over"),
    # whole, but no list, or not this one: for the guard
    "sign-in": Case(page("<!DOCTYPE html><title>Sign in</title><form action=/login></form>\n"), "web page", "guard"),
    "sign-in-late": Case(page("\ufeff\n<!-- wifi --><HTML><body>||x.example^</body>"), "web page", "guard"),
    "json": Case(page('{"error": "not found", "hint": ["ads.example"]}\n'), "JSON", "guard"),
    "binary": Case(page(b"\x7fELF" + bytes(range(256)) * 40), "not text", "guard"),
    "archive": Case(page(b"PK\x03\x04" + bytes(range(256)) * 40), "not text", "guard"),
    "nuls": Case(page(bytes(5_000)), "not text", "guard"),
    "utf-16": Case(page(b"\xff\xfe" + "Sign in to the network\n".encode("utf-16-le") * 200), "no line", "guard"),
    "empty": Case(page(""), "empty", "guard"),
    "comments": Case(page("# moved\n" * 50), "no line of it is a rule", "guard"),
    "regexes": Case(page(bombs.regexes), "patterns", "guard"),
    "shrunk": Case(page("".join(GOOD.splitlines(keepends=True)[:100])), "100", "guard"),
    "grown": Case(page("".join(f"||ads{number}.example^\n" for number in range(4_000))), "4", "guard"),
    "match-all": Case(page(GOOD + "||*^\n"), "every name", "guard"),
    "match-all-regex": Case(page(GOOD + "/.*/\n"), "every name", "guard"),
    "blocks-google": Case(page(GOOD + "||google.com^\n"), "google.com", "guard"),
    "blocks-com": Case(page(GOOD + "||com^\n"), "com", "guard"),
}


def site() -> AbstractAsyncContextManager[Server]:
    """The server of them all."""
    bombs.build()
    return serving(CASES, GOOD)


def session(reach: Collection[Network] = ()) -> aiohttp.ClientSession:
    """As `open_session`, but `NAMES` are all the names there are."""
    return open_session(reach, resolver=Names(NAMES))
