"""Real servers on the loopback for the tests of commands: an admin that plays bodies, and a name server."""

from __future__ import annotations

import contextlib
import pathlib
import socket
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple, Self

import msgspec

from resolver.admin.jobbodies import Failure, Job

TOKEN = "a-token-of-twenty-two-"
JOB = "0123456789abcdef"
HOSTILE = "\x1b[2J\x07\n\u202eevil\x9b31m\x7f"
"""Text that would clear a screen, ring, begin a line, turn text round and colour it."""


class Asked(NamedTuple):
    """A request that came: method, path with parameters (below /api/v1/), and the body as JSON makes it."""

    method: str
    path: str
    body: object


class Admin:
    """An HTTP server that answers with the body played for "METHOD path" (`raw`: with status and bytes; `streams`: with
    what a function writes until it ends, of which the last in the list is for all further requests too).
    Like the admin it wants the bearer token, and refuses unknown paths in JSON."""

    def __init__(self, bodies: dict[str, object] | None = None) -> None:
        self.bodies = bodies or {}
        self.asked: list[Asked] = []
        self.who: list[str] = []
        self.authorization = f"Bearer {TOKEN}"
        self.raw: dict[str, tuple[int, bytes]] = {}
        self.streams: dict[str, list[Callable[[Callable[[bytes], None]], None]]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.port: int = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def play(self, asked: Asked, authorization: str) -> tuple[int, bytes]:
        if authorization != self.authorization:
            return 401, _refusal("unauthorized", "this needs the header Authorization: Bearer TOKEN")
        self.asked.append(asked)
        key = f"{asked.method} {asked.path.partition('?')[0]}"
        if key in self.raw:
            return self.raw[key]
        if key not in self.bodies:
            return 404, _refusal("not-found", f"there is nothing at {key}", "id")
        return 200, msgspec.json.encode(self.bodies[key])


def done(result: object) -> Job[object]:
    """A job that is done, with this result."""
    return Job(JOB, "kind", "what is done", "done", 100.0, [], result, None, 1.0, 2.0)


def running(progress: float | None = None, *said: str) -> Job[object]:
    """The same job while it goes on."""
    return Job(JOB, "kind", "what is done", "running", progress, list(said), None, None, 1.0, None)


def failed(message: str) -> Job[object]:
    """The same job when it failed."""
    return Job(JOB, "kind", "what is done", "failed", None, [], None, Failure("why", message), 1.0, 2.0)


def _refusal(code: str, message: str, path: str | None = None) -> bytes:
    return msgspec.json.encode({"error": {"code": code, "message": message, "path": path}})


def _handler(admin: Admin) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _play(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            json = (self.headers.get("Content-Type") or "application/json") == "application/json"
            said = msgspec.json.decode(body or b"null") if json else body
            asked = Asked(self.command, self.path.removeprefix("/api/v1/"), said)
            admin.who.append(self.headers.get("Lull-Who") or "")
            if streams := admin.streams.get(f"{asked.method} {asked.path.partition('?')[0]}"):
                self._stream(streams.pop(0) if len(streams) > 1 else streams[0], asked)
                return
            status, data = admin.play(asked, self.headers.get("Authorization") or "")
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(data)

        def _stream(self, writes: Callable[[Callable[[bytes], None]], None], asked: Asked) -> None:
            """In chunks, without an end."""
            admin.asked.append(asked)
            self.protocol_version = "HTTP/1.1"
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.close_connection = True
            with contextlib.suppress(OSError):
                writes(self._chunk)

        def _chunk(self, data: bytes) -> None:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))

        do_GET = do_POST = do_PUT = do_DELETE = _play  # noqa: N815 - the names that http.server calls

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output to itself."""

    return Handler


def home(directory: pathlib.Path, admin: Admin | int, token: str | None = TOKEN, more: str = "") -> list[str]:
    """The options that lead a command to this admin (or port): a config and a state directory with a token."""
    port = admin.port if isinstance(admin, Admin) else admin
    config = directory / "lull.yaml"
    config.write_text(f"admin: {{listen: '127.0.0.1:{port}'}}\nstate: {directory / 'state'}\n{more}")
    (directory / "state").mkdir(exist_ok=True)
    if token is not None:
        (directory / "state" / "token").write_text(f"{token}\n")
    return ["--config", str(config)]


def closed_port() -> int:
    """A port of 127.0.0.1 at which nothing listens, for UDP and TCP."""
    with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        tcp.bind(("127.0.0.1", 0))
        udp.bind(("127.0.0.1", tcp.getsockname()[1]))
        port: int = tcp.getsockname()[1]
        return port


class NameServer:
    """UDP and TCP on one port. `answer(query, transport)` gives the datagrams or messages to send back."""

    def __init__(self, answer: Callable[[bytes, str], list[bytes]]) -> None:
        self._answer = answer
        self.asked: list[tuple[str, bytes]] = []
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._tcp.getsockname()[1]
        self._udp = socket.socket(type=socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", self.port))
        self._threads = [threading.Thread(target=run) for run in (self._serve_udp, self._serve_tcp)]

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with socket.socket(type=socket.SOCK_DGRAM) as udp:
            udp.sendto(b"", ("127.0.0.1", self.port))
        with contextlib.suppress(OSError):
            self._tcp.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._tcp.close()
        self._udp.close()

    def _serve_udp(self) -> None:
        while True:
            query, source = self._udp.recvfrom(4096)
            if not query:
                return
            self.asked.append(("udp", query))
            for data in self._answer(query, "udp"):
                self._udp.sendto(data, source)

    def _serve_tcp(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                stream, _ = self._tcp.accept()
                with stream:
                    query = stream.recv(4096)[2:]
                    self.asked.append(("tcp", query))
                    for data in self._answer(query, "tcp"):
                        stream.sendall(struct.pack("!H", len(data)) + data)


def reply(query: bytes, flags: int = 0x8180, records: bytes = b"", counts: tuple[int, int, int] = (0, 0, 0)) -> bytes:
    """An answer to a query by hand: its ID and question, these flags and records."""
    end = query.index(b"\0", 12) + 5
    return query[:2] + struct.pack("!5H", flags, 1, *counts) + query[12:end] + records


def record(type: int, rdata: bytes, ttl: int = 60, owner: bytes = b"\xc0\x0c") -> bytes:
    """A record by hand; its owner is the question's name unless given."""
    return owner + struct.pack("!HHLH", type, 1, ttl, len(rdata)) + rdata


def opt(*options: tuple[int, bytes], high: int = 0) -> bytes:
    """An OPT record by hand: options, and the high bits of the RCODE."""
    data = b"".join(struct.pack("!HH", code, len(value)) + value for code, value in options)
    return b"\0" + struct.pack("!HHBBHH", 41, 1232, high, 0, 0, len(data)) + data
