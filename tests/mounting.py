"""File systems of a test's own: mounted for as long as it runs, which takes root; the test is skipped elsewhere."""

from __future__ import annotations

import contextlib
import pathlib
import subprocess
from collections.abc import Iterator

import pytest


@contextlib.contextmanager
def mounted(where: pathlib.Path, *arguments: str) -> Iterator[pathlib.Path]:
    """What mount(8) makes of these arguments, at a directory."""
    where.mkdir(parents=True, exist_ok=True)
    _run("mount", *arguments, str(where))
    yield where
    subprocess.run(["fsfreeze", "-u", str(where)], capture_output=True, check=False)  # or nobody could leave it
    subprocess.run(["umount", "-l", str(where)], check=True)


def small(where: pathlib.Path, size: str) -> contextlib.AbstractContextManager[pathlib.Path]:
    """A disk in memory of so much room ("2m")."""
    return mounted(where, "-t", "tmpfs", "-o", f"size={size}", "none")


@contextlib.contextmanager
def ext4(directory: pathlib.Path, megabytes: int) -> Iterator[pathlib.Path]:
    """A disk that can be frozen (fsfreeze(8))."""
    image = directory / "image"
    image.write_bytes(bytes(megabytes << 20))
    _run("mkfs.ext4", "-q", str(image))
    with mounted(directory / "disk", "-o", "loop", str(image)) as where:
        yield where


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"cannot mount here: {done.stderr.strip()}")
