#!/usr/bin/env python3
"""What does a query to an upstream cost over each transport? upstreams.py [--queries 100000] [--in-flight 100] [ONLY …]

Starts unbound and dnsdist (Debian: unbound, dnsdist) with a certificate by an authority made here, and a DoQ server of
aioquic; asks each over each transport that it has. Prints replies that were wrong or lost, connections, queries a
second, and CPU of this side alone. Loopback only; it ends what it started.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import pathlib
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.asyncio.server import serve
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection

from benchmarks.loopback import answer
from resolver.errors import UpstreamError
from resolver.model import Question
from resolver.upstream.carriers import Carriers
from resolver.upstream.endpoint import Addressed, read
from resolver.upstream.lines import Lines
from resolver.upstream.transport import Transport
from resolver.wire.name import from_text
from resolver.wire.reply import build, parse
from tests.daemon.harness import free_port
from tests.upstream.authority import NAME, Authority
from tests.upstream.quic import QuicServer, Talk
from tests.upstream.servers import framed
from tests.upstream.web3 import Talk3, Web3Server

ADDRESS = bytes((192, 0, 2, 1))
ZONE = "bench.example"
PATIENCE = 10.0  # seconds for a query, after which it is lost

UNBOUND = """
server:
  directory: "{directory}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  verbosity: 0
  num-threads: 1
  do-daemonize: no
  interface: 127.0.0.1@{plain}
  interface: 127.0.0.1@{tls}
  interface: 127.0.0.1@{https}
  tls-port: {tls}
  https-port: {https}
  tls-service-key: "{pem}"
  tls-service-pem: "{pem}"
  incoming-num-tcp: 100
  http-max-streams: 200
  http-query-buffer-size: 64m
  http-response-buffer-size: 64m
  access-control: 127.0.0.0/8 allow
  local-zone: "{zone}." redirect
  local-data: "{zone}. 60 A 192.0.2.1"
remote-control:
  control-enable: no
"""

DNSDIST = """
setLocal("127.0.0.1:{plain}")
addTLSLocal("127.0.0.1:{tls}", "{pem}", "{pem}", {{maxInFlight=200}})
addDOHLocal("127.0.0.1:{https}", "{pem}", "{pem}", "/dns-query")
setMaxTCPClientThreads(2)
addAction(AllRule(), SpoofAction("192.0.2.1", {{ttl=60}}))
newServer("127.0.0.1:9")
"""


@contextlib.contextmanager
def process(command: list[str], port: int) -> Iterator[None]:
    """A server, from when its port takes connections until the end."""
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 10
        while port and time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        else:
            time.sleep(1)
        yield
    finally:
        running.terminate()
        running.wait(10)


@contextlib.contextmanager
def peers(directory: pathlib.Path, pem: pathlib.Path) -> Iterator[list[tuple[str, str]]]:
    """Real servers: (how it is called, URL) of every transport of each."""
    plain, tls, https, plain2, tls2, https2, quic, h3 = (free_port() for _ in range(8))
    fields = {"directory": directory, "pem": pem, "zone": ZONE}
    unbound, dnsdist = directory / "unbound.conf", directory / "dnsdist.conf"
    unbound.write_text(UNBOUND.format(plain=plain, tls=tls, https=https, **fields))
    dnsdist.write_text(DNSDIST.format(plain=plain2, tls=tls2, https=https2, **fields))
    aioquic = [[sys.executable, __file__, what, str(port), str(pem)] for what, port in (("doq", quic), ("h3", h3))]
    with (
        process(["/usr/sbin/unbound", "-d", "-c", str(unbound)], plain),
        process(["/usr/bin/dnsdist", "--supervised", "--disable-syslog", "-C", str(dnsdist)], plain2),
        process(aioquic[0], 0),
        process(aioquic[1], 0),
    ):
        yield [
            ("unbound udp", f"udp://127.0.0.1:{plain}"),
            ("unbound tcp", f"tcp://127.0.0.1:{plain}"),
            ("unbound tls", f"tls://127.0.0.1:{tls}#{NAME}"),
            ("unbound https", f"https://127.0.0.1:{https}/dns-query#{NAME}"),
            ("unbound https get", f"https://127.0.0.1:{https}/dns-query#{NAME}?method=get"),
            ("dnsdist udp", f"udp://127.0.0.1:{plain2}"),
            ("dnsdist tcp", f"tcp://127.0.0.1:{plain2}"),
            ("dnsdist tls", f"tls://127.0.0.1:{tls2}#{NAME}"),
            ("dnsdist https", f"https://127.0.0.1:{https2}/dns-query#{NAME}"),
            ("dnsdist https get", f"https://127.0.0.1:{https2}/dns-query#{NAME}?method=get"),
            ("aioquic quic", f"quic://127.0.0.1:{quic}#{NAME}"),
            ("aioquic h3", f"h3://127.0.0.1:{h3}/dns-query#{NAME}"),
        ]


class Run:
    """So many queries over one transport, so many at a time."""

    def __init__(self, transport: Transport, queries: int, at_a_time: int) -> None:
        self.wrong = self.answered = 0
        self.failures: dict[str, int] = {}
        self._transport = transport
        self._left = queries
        self._queries = queries
        self._at_a_time = at_a_time
        self._loop = asyncio.get_running_loop()
        self._done = self._loop.create_future()

    async def run(self) -> None:
        for _ in range(min(self._at_a_time, self._queries)):
            self._next()
        before = -1
        while not self._done.done() and before != (before := self.answered + sum(self.failures.values())):
            await asyncio.wait([self._done], timeout=PATIENCE)

    def _next(self) -> None:
        if not self._left:
            return
        self._left -= 1
        question = Question(from_text(f"n{self._left}.{ZONE}"), 1)
        query = build(question, self._left * 40503 & 0xFFFF, do=False, cd=False)

        def deliver(result: bytes | UpstreamError) -> None:
            if isinstance(result, UpstreamError):
                self.failures[str(result)] = self.failures.get(str(result), 0) + 1
            else:
                reply = parse(result, question)
                self.answered += 1
                self.wrong += result[:2] != query[:2] or not reply.answer or reply.answer[0].rdatas != (ADDRESS,)
            if self.answered + sum(self.failures.values()) == self._queries:
                self._done.set_result(None)
            self._next()

        self._transport.send(query, deliver)


async def measure(name: str, url: str, queries: int, at_a_time: int) -> None:
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as tasks:
        carriers = Carriers(loop, Addressed(), tasks.create_task)
        transport = carriers.to(read(url))[0]
        await Run(transport, 10, 1).run()
        before, began = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
        run = Run(transport, queries, at_a_time)
        await run.run()
        after, took = resource.getrusage(resource.RUSAGE_SELF), time.monotonic() - began
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        lost = queries - run.answered
        connections = transport.opened if isinstance(transport, Lines) else queries
        print(
            f"{name:18} {queries:7} queries, {run.wrong} wrong, {lost} lost, {connections} connections, "
            f"{queries / took:7.0f}/s, {cpu / queries * 1e6:6.1f} µs CPU a query",
            run.failures or "",
            flush=True,
        )
        carriers.close()


async def serve_quic(what: str, port: int, pem: str) -> None:
    """A DoQ server, or one of HTTP/3: the same answer to every query."""
    doq = QuicServer(lambda talk, stream, query: talk.say(stream, framed(answer(query, ADDRESS))))
    web = Web3Server(lambda request: request.respond(answer(request.body, ADDRESS)))

    def made(quic: QuicConnection, stream_handler: object = None) -> QuicConnectionProtocol:
        return Talk(quic, doq) if what == "doq" else Talk3(quic, web)

    configuration = QuicConfiguration(is_client=False, alpn_protocols=[what])
    configuration.load_cert_chain(pem)
    await serve("127.0.0.1", port, configuration=configuration, create_protocol=made)
    await asyncio.Event().wait()


def main() -> None:
    if sys.argv[1:2] in (["doq"], ["h3"]):
        asyncio.run(serve_quic(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queries", type=int, default=100_000)
    parser.add_argument("--in-flight", type=int, default=100)
    parser.add_argument("only", nargs="*", help="such as tls, or unbound")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        place = pathlib.Path(directory)
        authority = Authority(place)
        os.environ["SSL_CERT_FILE"] = str(authority.path)
        with peers(place, authority.issue(NAME, "127.0.0.1").path) as found:
            for name, url in found:
                if not arguments.only or any(word in name.split() for word in arguments.only):
                    asyncio.run(measure(name, url, arguments.queries, arguments.in_flight))


if __name__ == "__main__":
    main()
