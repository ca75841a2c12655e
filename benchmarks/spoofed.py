#!/usr/bin/env python3
"""Is a forged reply ever taken for the true one? spoofed.py [--forged 1000000] [--each 100]

A resolver on loopback answers each query with `each` forged replies (a wrong ID, a wrong question, QR or opcode, and
the right ID from another port, in turn) and, at a random place among them, the true one. Asked over UDP as Lull asks.
Prints how many forged replies were accepted, and how many true ones were delivered. It ends what it started.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import pathlib
import random
import signal
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from benchmarks.loopback import answer
from resolver.errors import UpstreamError
from resolver.model import Question
from resolver.upstream.do53 import Udp
from resolver.upstream.endpoint import read
from resolver.wire.name import from_text
from resolver.wire.reply import build, parse

TRUE, FORGED = bytes((192, 0, 2, 1)), bytes((192, 0, 2, 66))
PATIENCE = 1.0  # seconds for a query
AT_A_TIME = 8


def forgeries(query: bytes, count: int) -> list[bytes]:
    """So many wrong replies from the right place; where one is to come from elsewhere, it is empty."""
    good = answer(query, FORGED)
    made = []
    for n in range(count):
        wrong = (
            random.randbytes(2) + good[2:],
            good[:13] + bytes((good[13] ^ 1,)) + good[14:],  # name
            good.replace(b"\0\0\1\0\1\xc0", b"\0\0\x1c\0\1\xc0"),  # type
            good[:2] + b"\x01" + good[3:],  # QR
            good[:2] + b"\xa9" + good[3:],  # opcode
            b"",
        )[n % 6]
        made.append(b"" if wrong[:2] == query[:2] and wrong == good else wrong)
    return made


def serve(sock: socket.socket, each: int) -> None:
    """Answer for ever."""
    elsewhere = socket.socket(type=socket.SOCK_DGRAM)
    elsewhere.bind(("127.0.0.1", 0))
    while True:
        query, source = sock.recvfrom(4096)
        at = random.randrange(each + 1)
        for n, wrong in enumerate([*forgeries(query, each), b""]):
            if n == at:
                sock.sendto(answer(query, TRUE), source)
            if n == each:
                break
            if wrong:
                sock.sendto(wrong, source)
            else:
                elsewhere.sendto(answer(query, FORGED), source)


async def ask(queries: int, port: int) -> tuple[int, int]:
    """How many forged replies were accepted, and true ones delivered."""
    loop = asyncio.get_running_loop()
    udp = Udp(loop)
    transport = udp.to(read(f"udp://127.0.0.1:{port}"))
    accepted = delivered = 0

    async def one(n: int) -> None:
        nonlocal accepted, delivered
        question = Question(from_text(f"n{n}.example"), 1)
        future = loop.create_future()
        query = build(question, random.SystemRandom().getrandbits(16), do=False, cd=False)
        sent = transport.send(query, future.set_result)
        await asyncio.wait([future], timeout=PATIENCE)
        sent.close()
        if future.done():
            result: bytes | UpstreamError = future.result()
            right = isinstance(result, bytes) and parse(result, question).answer[0].rdatas == (TRUE,)
            delivered += right
            accepted += not right

    for start in range(0, queries, AT_A_TIME):
        await asyncio.gather(*[one(n) for n in range(start, min(start + AT_A_TIME, queries))])
    udp.close()
    return accepted, delivered


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--forged", type=int, default=1_000_000)
    parser.add_argument("--each", type=int, default=100)
    arguments = parser.parse_args()
    queries = -(-arguments.forged // arguments.each)
    sock = socket.socket(type=socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    child = os.fork()
    if not child:
        serve(sock, arguments.each)
    try:
        accepted, delivered = asyncio.run(ask(queries, sock.getsockname()[1]))
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    print(f"{queries * arguments.each} forged replies: {accepted} accepted")
    print(f"{queries} true ones: {delivered} delivered ({100 * delivered / queries:.3f} %)")


if __name__ == "__main__":
    main()
