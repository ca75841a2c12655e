"""What the fields of the API's bodies and parameters mean, where they do not say it themselves."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping

FILE = pathlib.Path(__file__).with_name("glossary.txt")


def read() -> Mapping[str, str]:
    """Meanings by the name of a field, or by type and name (`Type.name`) where a type means something else."""
    lines = [line for line in FILE.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return {name: meaning for name, _, meaning in (line.partition(": ") for line in lines)}
