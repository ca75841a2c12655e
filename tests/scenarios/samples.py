"""Scenario files that the tests of the runner write."""

from __future__ import annotations

import textwrap

HEAD = """\
# A title

```yaml config
upstreams: ["udp://192.0.2.53"]
lists: [{id: ads, file: ads.txt}]
```

```text file=ads.txt
||adtech.example^
```
"""
RIGHT = (
    HEAD
    + """
## One

Prose with  odd\tspacing, kept.   \n
```text upstream=192.0.2.53
shop.example. 300 A 203.0.113.1
```

```console
$ query shop.example A
; asked 192.0.2.53 shop.example. A
NOERROR qr rd ra
shop.example. 300 IN A 203.0.113.1
```

```jsonl log
{"t": 0, "client": "192.0.2.10", "question": "shop.example. A", "rcode": "NOERROR", \
"origin": "upstream", "verdict": "pass"}
```

More prose.

## Two

Prose.

```console
$ query adtech.example A
NOERROR qr rd ra; EDE 15 "ads: ||adtech.example^"
adtech.example. 10 IN A 0.0.0.0
```
"""
)


def scenario(*blocks: str) -> str:
    """A file with one scenario, of these blocks."""
    fences = "\n\n".join(f"```{textwrap.dedent(block).strip()}\n```" for block in blocks)
    return f"{HEAD}\n## One\n\nProse.\n\n{fences}\n"


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.split("\n"), 1) if part in line)
