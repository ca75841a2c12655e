"""A first bundle, made from the config and the list that ships with Lull. Its own short process; workers call it.

python -m resolver.starter --out DIR --config FILE --snapshot FD [--overrides JSON]
"""

from __future__ import annotations

import argparse
import pathlib
import tempfile
import time

import msgspec

from resolver.config.load import Overrides, parse
from resolver.config.offered import Offered
from resolver.config.schema import Config
from resolver.lists.catalogue import Catalogue
from resolver.paths import STARTER, shipped
from resolver.policy.build import document
from resolver.policy.bundles import Bundles
from resolver.policy.document import People
from resolver.process import Snapshot, configure_logging
from resolver.rules.compile import Source, compile_sources


def make(config: Config, offered: Offered, out: pathlib.Path) -> None:
    """Write a bundle of `config`, which was loaded with `offered`, over the starter list alone below `out`."""
    with tempfile.TemporaryDirectory(dir=out) as names:
        compile_sources([Source(0, STARTER, shipped("blocklists", "starter.txt"), "adblock")], pathlib.Path(names))
        missing = {source.id for source in config.lists} - {STARTER}
        policy = document(config, [(STARTER, "block")], missing, People(), offered)
        Bundles(out).publish(policy, pathlib.Path(names), time.time())


def main() -> None:
    parser = argparse.ArgumentParser(prog="resolver.starter")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--config", type=pathlib.Path, required=True)
    parser.add_argument("--snapshot", type=int, required=True)
    parser.add_argument("--overrides", default="{}")
    arguments = parser.parse_args()
    configure_logging("starter")
    overrides = msgspec.json.decode(arguments.overrides, type=Overrides)
    data = Snapshot(arguments.snapshot).read()
    known = Catalogue.load().known()
    make(parse(data, arguments.config, known, overrides), known.offered, arguments.out)


if __name__ == "__main__":
    main()
