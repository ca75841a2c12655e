"""The options of `lull serve`, by themselves: what those of other commands need is not loaded to start the daemon."""

from __future__ import annotations

from argparse import ArgumentParser

from resolver.commands import values


def serve(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--listen", metavar="HOST:PORT", action="append", default=[], type=values.text, help="answer here; repeatable")
    add("--upstream", metavar="URL", action="append", default=[], type=values.text, help="forward there; repeatable")
    add("--workers", metavar="N", type=int, help="processes that answer queries")
    add("--admin", metavar="HOST:PORT", type=values.text, help="serve the admin here")
