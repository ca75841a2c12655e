"""A real worker whose hot path is another one: it blocks, forwards, and gives again what it knows."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

from resolver.process import Snapshot
from tests.daemon.harness import ROOT, Upstream
from tests.listen.service import free
from tests.support import query, read, texts

CONFIG = """
upstreams: ["udp://127.0.0.1:{port}"]
rules: [deny blocked.example]
"""


@contextlib.contextmanager
def running(directory: pathlib.Path, upstream: int) -> Iterator[int]:
    """The port of a worker."""
    config = directory / "lull.yaml"
    config.write_text(CONFIG.format(port=upstream))
    snapshot = Snapshot.make(config.read_bytes())
    (datagrams,), stream = free("127.0.0.1")
    descriptors = (datagrams.fileno(), stream.fileno(), snapshot.descriptor)
    udp, tcp, read_from = map(str, descriptors)
    command = [sys.executable, "-m", "tests.listen.drain.worker", "--state", str(directory / "state"), "--number", "0"]
    command += ["--udp", udp, "--tcp", tcp, "--config", str(config), "--snapshot", read_from]
    process = subprocess.Popen(command, cwd=ROOT, pass_fds=descriptors, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        yield int(datagrams.getsockname()[1])
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
        datagrams.close()
        stream.close()
        os.close(snapshot.descriptor)


def test_a_worker_works_with_it(tmp_path: pathlib.Path) -> None:
    with (
        contextlib.closing(Upstream()) as upstream,
        running(tmp_path, upstream.port) as port,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client,
    ):
        client.connect(("127.0.0.1", port))
        client.settimeout(20)  # until the starter list is compiled
        for id in (1, 2, 3):
            client.send(query("blocked.example", id=id, payload=None))
            reply = read(client.recv(4096))
            assert (reply.id, texts(reply.answer)) == (id, ["blocked.example. 10 IN A 0.0.0.0"])
        client.send(query("www.example", payload=None))
        first = read(client.recv(4096)).answer[0].ttl
        time.sleep(1.2)
        for _ in range(3):
            client.send(query("www.example", payload=None))
            assert read(client.recv(4096)).answer[0].ttl < first
