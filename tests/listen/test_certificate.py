"""Certificates whose files change under those who use them."""

from __future__ import annotations

import asyncio
import os
import pathlib
import pty
import subprocess
import sys

import pytest
from aioquic.asyncio.client import connect

from resolver.listen.certificate import Certificate
from tests.listen.encrypted import encrypted, trusting
from tests.listen.test_doh import GET, ask
from tests.listen.test_doq import Talk, framed
from tests.listen.test_doq import trusting as quic_trusting
from tests.support import query
from tests.upstream.authority import NAME, Authority, Issued

KINDS = ("tls", "https", "quic")


async def answered(kind: str, port: int, authority: Authority) -> bool:
    asked = framed(query("www.example", id=0))
    if kind == "quic":
        async with connect("127.0.0.1", port, configuration=quic_trusting(authority), create_protocol=Talk) as client:
            assert isinstance(client, Talk)
            return bool(await asyncio.wait_for(client.ask(asked), 3))
    context = trusting(authority, "dot" if kind == "tls" else "h2")
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=NAME)
    writer.transport.abort()
    return reader is not None


def test_the_last_good_one_is_used_also_by_what_nobody_has_used_yet(authority: Authority, issued: Issued) -> None:
    async def main() -> None:
        async with encrypted(issued, *KINDS) as service:
            issued.path.write_text("not a certificate")
            service.doors.tend()
            assert "cannot be used" in service.doors.trouble
            for kind in KINDS[:2]:
                assert await answered(kind, service.ports[kind], authority)
            assert (await ask(service, trusting(authority, "h2"), "h2", "GET", GET)).status == 200

    asyncio.run(main())


def test_quic_goes_on_with_the_last_good_one(authority: Authority, issued: Issued) -> None:
    async def main() -> None:
        async with encrypted(issued, "quic") as service:
            assert await answered("quic", service.ports["quic"], authority)
            service.doors._certificate.version += 1  # a good one came, and was gone when it was to be read
            issued.path.write_text("not a certificate")
            assert await answered("quic", service.ports["quic"], authority)

    asyncio.run(main())


def test_without_any_certificate_quic_says_nothing(
    authority: Authority, issued: Issued, caplog: pytest.LogCaptureFixture
) -> None:
    issued.path.write_text("not a certificate")

    async def main() -> None:
        async with encrypted(issued, "quic") as service:
            with pytest.raises((TimeoutError, ConnectionError)):
                async with asyncio.timeout(0.5):
                    await answered("quic", service.ports["quic"], authority)
            listener = service.doors._doors["quic"]
            assert not listener.means.crowd.members

    asyncio.run(main())
    assert "Exception in callback" not in caplog.text


def test_a_key_with_a_password_is_trouble_and_no_question_at_the_terminal(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "locked.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-subj", "/CN=a"]
    subprocess.run([*command, "-passout", "pass:secret", "-keyout", file, "-out", f"{file}.c"], check=True, timeout=20)
    file.write_bytes(file.read_bytes() + pathlib.Path(f"{file}.c").read_bytes())
    assert "cannot be used" in Certificate(str(file), str(file), ()).trouble
    script = (
        f"from resolver.listen.certificate import Certificate; print(Certificate({str(file)!r}, {str(file)!r}, ()))"
    )
    ours, theirs = pty.openpty()
    try:  # with a terminal to ask at
        child = f"import fcntl, termios; fcntl.ioctl({theirs}, termios.TIOCSCTTY, 0); {script}"
        command = [sys.executable, "-c", child]
        subprocess.run(command, pass_fds=[theirs], start_new_session=True, check=True, timeout=5)
    finally:
        os.close(ours)
        os.close(theirs)
