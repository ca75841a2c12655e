"""The database overwritten, deleted and killed in the middle of writing."""

import contextlib
import pathlib
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from resolver.store import christening, sites
from resolver.store.database import Database
from resolver.store.people import PeopleStore
from resolver.store.rules import NewRule
from resolver.store.sites import NewSite
from tests.store.adding_up import check
from tests.store.making import NOON, Writing, batch, count, garbage, look, row, until


def wait(true: Callable[[], bool], seconds: float) -> None:
    with contextlib.suppress(AssertionError):
        until(true, seconds)


def test_garbage_in_the_middle_of_writing(database: Database, path: pathlib.Path) -> None:
    rules = PeopleStore(database)
    rules.add(NewRule("deny", "a.example"))
    writing = Writing(database)
    stop = threading.Event()
    submitted = 0

    def submit() -> None:
        nonlocal submitted
        while not stop.is_set():
            submitted += 1
            writing.writer.submit(batch(submitted, [row(f"{n}.example") for n in range(100)]))
            time.sleep(0.001)

    thread = threading.Thread(target=submit, daemon=True)
    thread.start()
    for _ in range(3):
        time.sleep(0.1)
        before = database.generation
        while database.generation == before:  # SQLite may just be copying its log over what we wrote, and so undo it
            garbage(path)
            wait(lambda before=before: database.generation > before, 0.5)  # type: ignore[misc]  # binds now
    stop.set()
    thread.join()
    assert writing.writer.close(5)
    assert writing.acknowledged[-1] == ("f", submitted)
    assert database.state.state == "ok"
    assert len([file for file in path.parent.iterdir() if file.name.endswith("Z")]) == 3
    assert look(path, "PRAGMA integrity_check") == [("ok",)]
    assert look(path, "SELECT name FROM rules") == [("a.example",)]
    assert 0 < count(path) <= writing.writer.counts().rows_written == submitted * 100
    check(path)


def test_deleting_the_file_in_the_middle_of_writing(writing: Writing, path: pathlib.Path, database: Database) -> None:
    for seq in range(1, 31):
        writing.writer.submit(batch(seq, [row()] * 10))
        if seq % 10 == 0:
            writing.done("f", seq)
            path.unlink()
    writing.writer.submit(batch(31, [row()]))
    writing.done("f", 31)
    assert count(path) == 1
    assert database.state.state == "ok"
    check(path)


CHILD = """
import pathlib, sys, time
from resolver.store.database import Database
from resolver.store.writer import Writer
from tests.store.making import NOON, batch, row
writer = Writer(Database.open(pathlib.Path(sys.argv[1])), lambda feed, seq: print(seq, flush=True), interval=0.001)
writer.start()
seq = int(sys.argv[2])
while True:
    if writer.counts().rows_waiting > 500:
        time.sleep(0.001)
    else:
        seq += 1
        writer.submit(batch(seq, [row(f"n{n}.{seq}.example") for n in range(50)], second=NOON + 10 * seq))
"""


def test_killed_while_writing(path: pathlib.Path) -> None:
    """What was acknowledged is there, no batch is there in part or twice, all that is kept beside the rows adds up, and
    sending again completes it."""
    last = 0
    for _ in range(5):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(path), str(last)],
            stdout=subprocess.PIPE,
            cwd=pathlib.Path(__file__).parents[2],
        )
        assert child.stdout is not None
        acknowledged = [int(child.stdout.readline()) for _ in range(5)]
        time.sleep(random.random() / 50)
        child.kill()
        acknowledged += [int(line) for line in child.stdout.read().split(b"\n")[:-1] if line]
        child.wait()
        child.stdout.close()
        database = Database.open(path)
        assert (database.state.state, database.incidents) == ("ok", [])
        ((stored,),) = look(path, "SELECT seq FROM feeds WHERE feed = 'f'")
        assert isinstance(stored, int)
        assert acknowledged[-1] <= stored
        writing = Writing(database)
        for seq in (stored - 1, stored, stored + 1):  # what a worker that heard nothing would send again
            made = [row(f"n{n}.{seq}.example") for n in range(50)]
            writing.writer.submit(batch(seq, made, second=NOON + 10 * seq))
        writing.done("f", stored + 1)
        assert writing.writer.close(5)
        database.close()
        last = stored + 1
        assert look(path, "PRAGMA integrity_check") == [("ok",)]
        assert look(path, "SELECT count(*), count(DISTINCT name) FROM log") == [(last * 50, last * 50)]
        assert look(path, "SELECT sum(count) FROM totals") == [(last * 50,)]
        check(path)


@pytest.mark.parametrize("lost", ["sites", "devices", "addresses"])
def test_what_one_damaged_table_had_comes_from_the_policy_in_force(path: pathlib.Path, lost: str) -> None:
    """And devices with their addresses, or not at all: their numbers are of one place."""
    database = Database.open(path)
    people = PeopleStore(database)
    people.add(NewRule("deny", "a.example"))
    people.put_site(NewSite("news.example", everything=True))
    people.change("", "", lambda _, trail: christening.make(trail, "", "192.0.2.7", {"name": "tv"}))
    database.close()
    page = int(str(look(path, f"SELECT rootpage FROM sqlite_master WHERE name = '{lost}'")[0][0]))
    size = int(str(look(path, "PRAGMA page_size")[0][0]))
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    times = {"first": 1.0, "last": 1.0}
    site = sites.row_of(NewSite("policy.example", everything=True)) | {"id": 5, "created": 1.0}
    device = {"id": 9, "name": "tv", "group": "", "mac": "", "host": "", **times}
    policy = {
        "rules": [],
        "sites": [site],
        "devices": [device],
        "addresses": [{"address": "192.0.2.9", "device": 9, **times}],
    }
    anew = Database.open(path, before=lambda: policy)
    again = PeopleStore(anew)
    assert [rule.name for rule in again.rules()] == ["a.example"]
    assert [one.site for one in again.sites()] == ["policy.example" if lost == "sites" else "news.example"]
    owned = "SELECT a.address FROM addresses a JOIN devices d ON a.device = d.id AND d.name = 'tv'"
    assert look(path, owned) == [("192.0.2.7" if lost == "sites" else "192.0.2.9",)]
    anew.close()
