"""The real daemon with an upstream that is given by name: found by a bootstrap server, and found again without one."""

from __future__ import annotations

import pathlib
import threading

import pytest

from tests.daemon.harness import Daemon, Upstream
from tests.daemon.test_encrypted import answered, serving
from tests.upstream.authority import NAME, Authority


class Knowing(Upstream):
    """A resolver that says of every name that it is at 127.0.0.1."""

    address = b"\x7f\0\0\1"


def test_a_restart_needs_no_bootstrap_server(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = threading.active_count()
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    issued = authority.issue(NAME, file="right")
    with serving(issued, issued) as urls:
        knowing = Knowing()
        port = urls["tls"].rpartition(":")[2].partition("#")[0]
        url = f"tls://{NAME}:{port}?bootstrap=127.0.0.1:{knowing.port}"
        daemon = Daemon(tmp_path, [url])
        try:
            daemon.start()
            assert answered(daemon, "a.example")
            daemon.wait(lambda: NAME.encode() in _policy(daemon), 20)
            daemon.stop()
            knowing.close()
            daemon.start()
            assert answered(daemon, "b.example")
        finally:
            daemon.stop()
    assert threading.active_count() < before + 10


def _policy(daemon: Daemon) -> bytes:
    """The addresses that stand in the policy in force, as bytes of its file."""
    bundles = sorted((daemon.state / "bundles").glob("*/policy.msgpack"), key=lambda path: path.stat().st_mtime)
    _, _, hosts = bundles[-1].read_bytes().rpartition(b"hosts") if bundles else (b"", b"", b"")
    return hosts
