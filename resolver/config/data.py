"""The YAML files that ship with Lull: read whole, by a safe loader, or refused with a sentence."""

from __future__ import annotations

import pathlib

import yaml

from resolver.errors import ListError

_LARGEST = 1 << 20
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml takes a seventh of the time; the files are ours alone


def tree(path: pathlib.Path) -> object:
    """What a data file holds, untyped. Raises ListError."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise ListError(f"{path}: larger than {_LARGEST >> 20} MiB; no data file of Lull is")
        return yaml.load(data, _LOADER)  # noqa: S506 - a safe loader, of either kind
    except OSError as error:
        raise ListError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ListError(f"{path}: not readable as YAML: {error}") from error
