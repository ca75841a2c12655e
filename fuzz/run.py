"""`python fuzz/run.py TARGET [SECONDS] [OPTION …]`: feed a target with bytes that cover ever more of its code.

Needs atheris: `pip install lull-dns[fuzz]`. What it finds goes to fuzz/found/; put the bytes into fuzz/corpus/TARGET/
when the mistake is mended, and the test suite will never let it come back. OPTIONs are libFuzzer's.
"""

from __future__ import annotations

import pathlib
import sys
import tempfile

import atheris

with atheris.instrument_imports(include=["resolver"]):
    import targets

HERE = pathlib.Path(__file__).parent
LONGEST = 4096  # bytes


def main() -> None:
    name, seconds, *options = [*sys.argv[1:], "60"][: max(len(sys.argv) - 1, 2)]
    target = targets.TARGETS[name]
    found, corpus = HERE / "found", HERE / "corpus" / name
    found.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as grown:
        fixed = [
            f"-max_total_time={seconds}",
            f"-artifact_prefix={found}/{name}-",
            f"-max_len={LONGEST}",
            "-timeout=10",
        ]
        atheris.Setup([sys.argv[0], *fixed, *options, grown, str(corpus)], lambda data: targets.timed(target, data))
        atheris.Fuzz()


main()
