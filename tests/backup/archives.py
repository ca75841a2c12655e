"""Archives, good ones and such as nobody should believe: made by the standard library, which is no part of ours."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import pathlib
import tarfile
from collections.abc import Mapping, Sequence
from typing import Any

ABOUT: dict[str, Any] = {
    "format": 1,
    "version": "1.0",
    "made": 1_767_268_800.0,
    "tables": "0004",
    "log": False,
    "product": "lull",
}


def manifest(members: Mapping[str, bytes], about: Mapping[str, Any] = ABOUT) -> bytes:
    listed = {name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)} for name, data in members.items()}
    return json.dumps({"about": dict(about), "members": listed}).encode()


def whole(members: Mapping[str, bytes], about: Mapping[str, Any] = ABOUT) -> dict[str, bytes]:
    """Members with what comes before and after them."""
    every = {"about.json": json.dumps(dict(about)).encode(), **members}
    return {**every, "manifest.json": manifest(every, about)}


def tar(members: Sequence[tuple[tarfile.TarInfo, bytes]], format: int = tarfile.USTAR_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as archive:
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def info(name: str, size: int = 0, **more: Any) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.size = size
    for key, value in more.items():
        setattr(made, key, value)
    return made


def plain(members: Mapping[str, bytes]) -> bytes:
    """An archive of plain files."""
    return tar([(info(name, len(data)), data) for name, data in members.items()])


def write(path: pathlib.Path, data: bytes) -> pathlib.Path:
    path.write_bytes(gzip.compress(data))
    return path
