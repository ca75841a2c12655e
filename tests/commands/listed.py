"""Lists as the API has them, for the tests of `lull lists`."""

from __future__ import annotations

import msgspec

from resolver.admin.listbodies import ListInfo, Overlap, Quality
from resolver.lists.bodies import Refused, Version
from resolver.rules.report import Sample

FETCHED, NEXT = 1_700_000_000.0, 1_700_043_200.0
GOOD = Quality(FETCHED - 7 * 86_400, hits=12_345, own=123, allowed_later=4, overlaps=[Overlap("mine", 98_000)])


def state(id: str, **other: object) -> ListInfo:
    values: dict[str, object] = {
        "id": id,
        "title": id.title(),
        "kind": "block",
        "url": "https://example.org/list.txt",
        "file": "",
        "syntax": "adblock",
        "rules": 123_456,
        "lines": 130_000,
        "skipped": 1_234,
        "skipped_by": {"no name": 234, "not a name": 1_000},
        "samples": [Sample(3, "||||", "no name")],
        "bytes": 3_000_000,
        "fetched": FETCHED,
        "checked": FETCHED,
        "changed": FETCHED,
        "next_check": NEXT,
        "error": "",
        "state": "ok",
        "names": 100_000,
        "shared": 98_765,
        "patterns": 12,
        "quality": GOOD,
        "versions": [
            Version("ab" * 32, FETCHED, 123_456, 3_000_000, "https://example.org/list.txt", current=True),
            Version("cd" * 32, FETCHED - 86_400, 123_000, 2_990_000, "https://example.org/list.txt", current=False),
        ],
    }
    return msgspec.convert(values | other, ListInfo)


def refused(reason: str) -> Refused:
    return Refused(reason, FETCHED, 400_000, 9_000_000, "ef" * 32)
