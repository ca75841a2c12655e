"""Where upstreams that are given by name were found, so that a restart needs nobody to tell."""

from __future__ import annotations

import asyncio
import pathlib
from typing import cast

from resolver.admin.remembered import moved, remembered
from resolver.config.known import Known
from resolver.config.load import parse
from resolver.journal.frames import Health, Hello
from resolver.journal.hub import Worker

CONFIG = parse(b"lists: []\nupstreams: ['tls://a.example', 'udp://192.0.2.1']", pathlib.Path("lull.yaml"), Known())


def worker(**hosts: tuple[str, ...]) -> Worker:
    made = Worker(Hello(1, 1, "1"), cast("asyncio.StreamWriter", None))
    named = {name.replace("_", "."): addresses for name, addresses in hosts.items()}
    made.health = Health("1", 0, 0, 0, 0, 0, 0, 0, [], hosts=named)
    return made


def test_what_workers_found_is_remembered_for_names_of_the_config() -> None:
    found = [worker(a_example=("192.0.2.7",), gone_example=("192.0.2.8",)), worker()]
    assert remembered(CONFIG, {"a.example": ("192.0.2.6",), "old.example": ("192.0.2.5",)}, found) == {
        "a.example": ("192.0.2.7",)
    }
    assert remembered(CONFIG, {"a.example": ("192.0.2.6",)}, [worker()]) == {"a.example": ("192.0.2.6",)}


def test_it_is_written_down_when_a_name_is_new_or_somewhere_else_altogether() -> None:
    one, two = worker(a_example=("192.0.2.7", "192.0.2.8")), worker(a_example=("192.0.2.9",))
    assert moved(CONFIG, {}, [one])
    assert not moved(CONFIG, {"a.example": ("192.0.2.8",)}, [one])
    assert moved(CONFIG, {"a.example": ("192.0.2.8",)}, [two])
    assert not moved(CONFIG, {"a.example": ("192.0.2.8",)}, [])
