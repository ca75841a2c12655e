"""The real daemon asked over every encrypted transport, with a certificate that it made itself."""

from __future__ import annotations

import asyncio
import pathlib
import ssl

import dns.asyncquery
import dns.message
import pytest

from tests.daemon.harness import Daemon, Upstream, free_port, running
from tests.listen.webclient import Http2Client
from tests.support import query

NAME = "dns.example"


@pytest.mark.parametrize("workers", [1, 2])
def test_a_daemon_without_a_certificate_makes_one(tmp_path: pathlib.Path, workers: int) -> None:
    upstream = Upstream()
    tls, https = free_port(), free_port()
    daemon = Daemon(tmp_path, [f"udp://127.0.0.1:{upstream.port}"])
    daemon.write_config(
        f"encrypted: {{tls: ['127.0.0.1:{tls}'], https: ['127.0.0.1:{https}'], quic: ['127.0.0.1:{tls}'], "
        f"names: [{NAME}]}}\n"
    )
    try:
        daemon.start("--workers", str(workers))
        made = tmp_path / "state" / "self-signed.pem"
        assert made.stat().st_mode & 0o777 == 0o600
        context = ssl.create_default_context(cafile=str(made))
        asyncio.run(asked(tls, https, context))
        assert daemon.stop() == 0
        again = made.read_bytes()
        daemon.start()
        assert made.read_bytes() == again
    finally:
        daemon.stop()
        upstream.close()


def test_other_places_to_listen_need_a_restart(tmp_path: pathlib.Path) -> None:
    with running(tmp_path) as daemon:
        daemon.wait(daemon.up, 15)
        daemon.write_config(f"encrypted: {{tls: ['127.0.0.1:{free_port()}'], names: [{NAME}]}}\n")
        daemon.hang_up()
        daemon.wait(lambda: "a restart is needed for encrypted.tls" in str(daemon.api("GET", "status")), 10)


async def asked(tls: int, https: int, context: ssl.SSLContext) -> None:
    reply = await dns.asyncquery.tls(
        dns.message.make_query("doubleclick.net", "A", use_edns=0),
        "127.0.0.1",
        port=tls,
        server_hostname=NAME,
        ssl_context=context,
        timeout=3,
    )
    assert [str(rdata) for rdata in reply.answer[0]] == ["0.0.0.0"]
    context.set_alpn_protocols(["h2"])
    async with Http2Client(https, context, NAME) as client:
        post = (("content-type", "application/dns-message"),)
        got = await client.got(client.send("POST", "/dns-query", query("www.example", id=0), post))
        assert [str(rdata) for rdata in dns.message.from_wire(got.body).answer[0]] == ["192.0.2.1"]
