"""A certificate of our own, for trying encrypted queries: devices must be told to trust it."""

from __future__ import annotations

import ipaddress
import logging
import os
import pathlib
import socket
import subprocess
from collections.abc import Sequence

from resolver.paths import PRODUCT

log = logging.getLogger(__name__)

_DAYS = 825  # the most that Apple's systems take
_LIMIT = 30.0  # seconds


def make(path: pathlib.Path, names: Sequence[str]) -> None:
    """Write a key and a certificate for these names and those of devices below them (ID.NAME), this machine and its
    loopback addresses into one file (PEM, mode 0600), unless there is one. Where that cannot be it is said, and
    everything else goes on: a worker says so too."""
    if path.exists():
        return
    part = path.with_name(path.name + ".part")
    below = [f"*.{name}" for name in names if not _is_address(name)]
    titles = [*names, *below, socket.gethostname(), "localhost", str(ipaddress.IPv4Address(0x7F000001)), "::1"]
    holders = ",".join(f"{'IP' if _is_address(title) else 'DNS'}:{title}" for title in dict.fromkeys(titles))
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-days", str(_DAYS), "-subj", f"/CN={PRODUCT}", "-addext", f"subjectAltName={holders}"]
    command += ["-keyout", "/dev/stdout", "-out", "/dev/stdout"]
    try:
        made = subprocess.run(  # noqa: S603 - names were read by the config, and follow an option
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_LIMIT, check=True
        )
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(made.stdout)
        part.replace(path)
    except FileNotFoundError as error:
        log.error("no certificate could be made (%s): install openssl, or write encrypted.certificate", error)
    except (OSError, subprocess.SubprocessError) as error:
        log.error("no certificate could be made: %s; write encrypted.certificate", error)
    else:
        log.info("a certificate for trying was made: %s", path)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
