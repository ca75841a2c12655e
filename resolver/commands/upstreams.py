"""`lull upstreams`: the resolvers that a config can name in one word. Needs no daemon."""

from __future__ import annotations

from argparse import Namespace

from resolver.commands.outcome import FAILED, OK
from resolver.commands.output import as_json, line, note, table
from resolver.config import providers
from resolver.config.offered import Offered
from resolver.config.providers import Provider


def run(arguments: Namespace) -> int:
    """Show the providers that fit every word: a part of an id, a title, or of what they block. FAILED if none does."""
    words = [word.lower() for word in arguments.words]
    found = [one for one in Offered.load().providers.values() if all(word in _text(one) for word in words)]
    if arguments.json:
        as_json({"upstreams": found})
        return OK
    if not found:
        note(f"no provider fits {' '.join(arguments.words)}; words are a part of an id, a title, or of what is blocked")
        return FAILED
    head = ("WRITE", "PROVIDER", "BLOCKS", "LOGS", "HOME")
    table(head, [(_word(one), one.title, one.blocks, one.logs, one.home) for one in found])
    line()
    line(f"as they say of themselves; {providers.SYSTEM} means whom this machine asks, and any URL is a resolver, too")
    return OK


def _text(one: Provider) -> str:
    return f"{one.id} {one.title} {one.blocks}".lower()


def _word(one: Provider) -> str:
    return f"{one.id}:ID" if one.personal else one.id
