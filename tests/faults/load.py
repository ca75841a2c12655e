"""Much that is asked: by dnsperf, which keeps up with more than Python can, or by Python where little will do."""

from __future__ import annotations

import contextlib
import pathlib
import re
import signal
import subprocess
import time
from collections.abc import Iterator

import msgspec

from tests.daemon.harness import Load

_LITTLE = 2_000  # queries a second that Python can send


class Asked(msgspec.Struct):
    """Filled when the load has ended."""

    sent: int = 0
    answered: int = 0
    rate: float = 0.0

    @property
    def lost(self) -> int:
        return self.sent - self.answered


@contextlib.contextmanager
def loaded(port: int, directory: pathlib.Path, rate: int, names: int = 1000, clients: int = 8) -> Iterator[Asked]:
    """Ask so many names, a fifth of them blocked, at so many queries a second while the block runs."""
    asked = Asked()
    every = [f"host{number}.example" if number % 5 else "doubleclick.net" for number in range(names)]
    began = time.monotonic()
    if rate <= _LITTLE:
        with Load(port, every, rate) as load:
            yield asked
        asked.sent, asked.answered = load.sent, load.received
    else:
        with _perf(port, directory, rate, every, clients) as said:
            yield asked
        for text in said:
            asked.sent += _number(text, "Queries sent")
            asked.answered += _number(text, "Queries completed")
    asked.rate = asked.sent / (time.monotonic() - began)


@contextlib.contextmanager
def _perf(port: int, directory: pathlib.Path, rate: int, names: list[str], clients: int) -> Iterator[list[str]]:
    data = directory / "queries.txt"
    data.write_text("".join(f"{name} A\n" for name in names))
    command = ["dnsperf", "-s", "127.0.0.1", "-p", str(port), "-d", str(data), "-l", "86400", "-t", "5"]
    command += ["-Q", str(rate), "-c", str(clients), "-T", "1"]
    perf = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said: list[str] = []
    try:
        time.sleep(0.5)
        yield said
    finally:
        perf.send_signal(signal.SIGINT)
        said.append(perf.communicate()[0])


def _number(text: str, title: str) -> int:
    found = re.search(rf"{title}:\s+(\d+)", text)
    assert found, text
    return int(found[1])
