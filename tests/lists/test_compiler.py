import asyncio
import json
import pathlib
import sys

import pytest

import resolver
from resolver.errors import ListError
from resolver.lists.compiler import Compiled, Compiler, Input
from resolver.model import Client, Type
from resolver.rules.child import COMMAND
from resolver.rules.ruleset import RuleSet
from tests.lists.site import sha256

ANYBODY = Client("", "default")


def version(directory: pathlib.Path, id: str, text: str) -> tuple[Input, pathlib.Path]:
    path = directory / f"{id}.txt"
    path.write_text(text)
    return Input(id, "block", "auto", subdomains=False, sha256=sha256(text)), path


def made(compiler: Compiler, *inputs: tuple[Input, pathlib.Path]) -> Compiled:
    return asyncio.run(compiler.compile(compiler.stage(inputs), lambda _: None))


@pytest.fixture
def one(tmp_path: pathlib.Path) -> tuple[Input, pathlib.Path]:
    return version(tmp_path, "one", "||one.example^\n")


@pytest.fixture
def compiler(tmp_path: pathlib.Path) -> Compiler:
    return Compiler(tmp_path / "compiled", 20.0)


def test_a_set_is_made_and_found_again(
    tmp_path: pathlib.Path, compiler: Compiler, one: tuple[Input, pathlib.Path]
) -> None:
    two = version(tmp_path, "two", "two.example\n")
    compiled = made(compiler, one, two)
    assert compiled.directory == tmp_path / "compiled" / "1"
    assert (compiled.ids, compiled.kinds) == (("one", "two"), ("block", "block"))
    assert [report.rules for report in compiled.reports] == [1, 1]
    assert compiled.inputs == (one[0], two[0])
    assert sorted(path.name for path in compiled.directory.iterdir()) == [
        "lists.json",
        "names.sets",
        "names.trie",
        "sets.msgpack",
    ]
    assert Compiled.load(compiled.directory) == compiled
    assert compiler.sets() == [compiled]
    winner = RuleSet.open(compiled.directory, compiled.ids).winner("x.one.example", 0b11, Type.A, ANYBODY)
    assert winner is not None
    assert winner.list == "one"


def test_no_lists_at_all_make_an_empty_set(compiler: Compiler) -> None:
    compiled = made(compiler)
    assert len(RuleSet.open(compiled.directory, compiled.ids)) == 0


def test_a_staged_version_is_compiled_whatever_takes_its_place(
    tmp_path: pathlib.Path, compiler: Compiler, one: tuple[Input, pathlib.Path]
) -> None:
    staged = compiler.stage([one])
    (tmp_path / "new").write_text("||new.example^\n")
    (tmp_path / "new").rename(one[1])
    compiled = asyncio.run(compiler.compile(staged, lambda _: None))
    names = RuleSet.open(compiled.directory, compiled.ids)
    assert names.winner("one.example", 1, Type.A, ANYBODY) is not None
    assert names.winner("new.example", 1, Type.A, ANYBODY) is None


@pytest.mark.parametrize("file", ["lists.json", "names.sets", "names.trie", "sets.msgpack"])
@pytest.mark.parametrize("how", ["gone", "cut", "changed"])
def test_a_damaged_set_is_not_used(compiler: Compiler, one: tuple[Input, pathlib.Path], file: str, how: str) -> None:
    directory = made(compiler, one).directory
    data = (directory / file).read_bytes()
    if how == "gone":
        (directory / file).unlink()
    else:
        (directory / file).write_bytes(data[:-1] if how == "cut" else bytes([data[0] ^ 0xFF]) + data[1:])
    with pytest.raises(ListError, match="compiled/1"):
        Compiled.load(directory)
    assert compiler.sets() == []


@pytest.mark.parametrize(("key", "value"), [("made_by", "0.0.1"), ("format", 99)])
def test_a_set_of_another_lull_is_not_used(
    compiler: Compiler, one: tuple[Input, pathlib.Path], key: str, value: object
) -> None:
    path = made(compiler, one).directory / "lists.json"
    held = json.loads(path.read_text())
    assert held["made_by"] == resolver.__version__
    path.write_text(json.dumps(held | {key: value}))
    with pytest.raises(ListError, match="made by another version of Lull"):
        Compiled.load(path.parent)


def test_the_last_two_are_kept_and_those_in_use(
    tmp_path: pathlib.Path, compiler: Compiler, one: tuple[Input, pathlib.Path]
) -> None:
    for _ in range(4):
        made(compiler, one)
    (tmp_path / "compiled" / "notes").mkdir()
    compiler.prune({tmp_path / "compiled" / "1"})
    assert sorted(path.name for path in (tmp_path / "compiled").iterdir()) == ["1", "3", "4", "notes"]
    assert [compiled.directory.name for compiled in compiler.sets()] == ["4", "3", "1"]


def test_what_was_not_finished_is_removed(
    tmp_path: pathlib.Path, compiler: Compiler, one: tuple[Input, pathlib.Path]
) -> None:
    compiler.stage([one])
    assert [path.name for path in (tmp_path / "compiled").iterdir()] == ["new-1"]
    assert compiler.sets() == []
    assert list((tmp_path / "compiled").iterdir()) == []


@pytest.mark.parametrize(
    ("command", "timeout", "said"),
    [
        ((sys.executable, "-c", "import time; time.sleep(60)"), 0.3, r"took longer than 0\.3 seconds"),
        ((sys.executable, "-c", "raise SystemExit('odd')"), 20.0, "ended with status 1: odd"),
        (("/no/such/python",), 20.0, "cannot be started"),
    ],
)
def test_a_compile_that_fails_leaves_nothing(
    tmp_path: pathlib.Path, one: tuple[Input, pathlib.Path], command: tuple[str, ...], timeout: float, said: str
) -> None:
    before = made(Compiler(tmp_path / "compiled", 20.0, COMMAND), one)
    with pytest.raises(ListError, match=said):
        made(Compiler(tmp_path / "compiled", timeout, command), one)
    assert list((tmp_path / "compiled").iterdir()) == [before.directory]


def test_a_version_that_is_gone(compiler: Compiler, one: tuple[Input, pathlib.Path], tmp_path: pathlib.Path) -> None:
    one[1].unlink()
    with pytest.raises(ListError, match=r"compiling the lists failed: .*/one\.txt: No such file"):
        compiler.stage([one])
    assert list((tmp_path / "compiled").iterdir()) == []


def test_a_directory_that_cannot_be_written(tmp_path: pathlib.Path, one: tuple[Input, pathlib.Path]) -> None:
    (tmp_path / "compiled").write_text("in the way")
    compiler = Compiler(tmp_path / "compiled", 20.0)
    assert compiler.sets() == []
    with pytest.raises(ListError, match=r"compiling the lists failed: .*/compiled/new-1.*: Not a directory"):
        compiler.stage([one])


def test_a_list_by_itself_is_gone_again(
    tmp_path: pathlib.Path, compiler: Compiler, one: tuple[Input, pathlib.Path]
) -> None:
    before = made(compiler, one)

    async def main() -> None:
        async with compiler.alone(*version(tmp_path, "two", "||two.example^\n||*^\n##.ad\n")) as alone:
            assert (alone.report.id, alone.report.rules, alone.report.skipped) == ("two", 2, {"not for DNS": 1})
            assert [line.line for line in alone.report.everything] == [2]
            winner = alone.names.winner("x.two.example", 1, Type.A, ANYBODY)
            assert winner is not None
            assert winner.list == "two"
            assert compiler.sets() == [before]  # and what is being looked at is not swept away
            assert alone.names.winner("x.two.example", 1, Type.A, ANYBODY) == winner
            assert len(list((tmp_path / "compiled").glob("new-*"))) == 1

    asyncio.run(main())
    assert list((tmp_path / "compiled").iterdir()) == [before.directory]


def test_what_was_left_of_a_list_by_itself_is_removed(compiler: Compiler, tmp_path: pathlib.Path) -> None:
    (tmp_path / "compiled" / "new-abc").mkdir(parents=True)
    assert compiler.sets() == []
    assert list((tmp_path / "compiled").iterdir()) == []


@pytest.mark.parametrize(
    ("command", "timeout", "said"),
    [
        ((sys.executable, "-c", "import time; time.sleep(60)"), 0.3, r"took longer than 0\.3 seconds"),
        ((sys.executable, "-c", "print('{\"reports\": [[0]]}')"), 20.0, "is not understood"),
    ],
)
def test_a_list_that_cannot_be_compiled_by_itself(
    tmp_path: pathlib.Path, one: tuple[Input, pathlib.Path], command: tuple[str, ...], timeout: float, said: str
) -> None:
    async def main() -> None:
        async with Compiler(tmp_path / "compiled", timeout, command).alone(*one):
            raise AssertionError

    with pytest.raises(ListError, match=said):
        asyncio.run(main())
    assert list((tmp_path / "compiled").iterdir()) == []


def test_one_child_at_a_time(tmp_path: pathlib.Path, one: tuple[Input, pathlib.Path]) -> None:
    busy = tmp_path / "busy"
    script = f"import os, sys; os.mkdir({str(busy)!r}); sys.stdin.read(); os.rmdir({str(busy)!r}); sys.exit('no')"
    compiler = Compiler(tmp_path / "compiled", 20.0, (sys.executable, "-c", script))

    async def compile() -> None:
        with pytest.raises(ListError, match="ended with status 1: no"):
            async with compiler.alone(*one):
                pass

    async def main() -> None:
        await asyncio.gather(compile(), compile(), compile())

    asyncio.run(main())
