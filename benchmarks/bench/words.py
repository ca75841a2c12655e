"""The words of the report: what is compared, and what the figures mean."""

from __future__ import annotations

HEAD = """# Lull beside its peers

`make bench` measured this and wrote it; `benchmarks/bench/` says how, and `docs/benchmark/results.json` has every
figure of every round.

{under}.

| | |
|---|---|
| machine | {machine} |
| versions | {versions} |
| run | {run} |

**What is compared.** Everyone blocks the same names, asks the same upstream on the same machine (NSD, which has an
answer for every name), and is asked the same queries over UDP on loopback, from 32 addresses. Lull reads the lists as
people have them, its peers the names in them. In each round every server in turn is started, measured and ended, one at
a time, so that they share what the machine does; a figure is the median of the rounds. A server has the first core, the
load generator and NSD the last one. Lull with two workers has the first two{shared}.
Peers run with one thread and **without a query log; Lull writes its log to the database** all the while, as a house has
it.

**cached**: popular names, asked for before. **blocked**: names of the lists, asked for before; *the first time*: each
for the first time since the start. **mixed**: of both, three in ten blocked. **missed**: names that nobody asked for
yet, which are forwarded. **The floor** is a program that sends every datagram back and does nothing else: what the
kernel takes. Bold figures are the best peer's. In ratios, 2.00 {times} means that Lull needs twice as much.
"""
SHARED = ",\nand so shares one with the load, which takes from it"
ON_TWO = "\nWith two cores, two workers share one of them with the load generator: what they lack is what that takes.\n"
CAPACITY = (
    "At a steady rate of which less than 0.1 % is lost, found by halving. What comes while a server is busy waits in "
    "its socket's buffer, of which some ask the kernel for more than others: who has little loses queries at rates "
    "that it could answer on the average. The floor shows what the load generator can do: who comes near it may be "
    "able to do more."
)
GROWTH = "## From ten thousand rules to ten million\n\nNames made up, as `benchmarks/bench/names.py` tells."
TAIL = """## What did not go as it should

{notes}
## The files

The SHA-256 of the names that are blocked, and of the queries of each kind. The same lists, or none, give the same.

| file | SHA-256 |
|---|---|
{digests}"""
SECTION = (
    "{under}. The first four columns are CPU microseconds a query of the process that answers; bold is the best of the "
    "others, whose query logs are off while Lull's is on. {behind}"
)
