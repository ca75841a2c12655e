"""From the text of a verdict back to the line of a list."""

import pathlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.rules import auto
from resolver.rules.locate import LONGEST_SHOWN, Located, locate
from resolver.rules.rule import Network, Pattern, Rule, show

LIST = """\
# A list of everything: b.example
0.0.0.0 xa.example a.example.org a.example
0.0.0.0 B.Example c.example # x

192.0.2.1 d.example e.example
A.EXAMPLE
*.f.example
||a.example^
||G.example^$important
@@||h.example^
||h.example^
i.example##.ad
/^ads[0-9]+\\.i\\.example/
||*^$dnstype=AAAA
address=/k.example/l.example/#
address=/m.example/192.0.2.1
address=/*n.example/
server=/o.example/#
$ORIGIN rpz.test.
@ SOA ns. admin. (
 1 2 3 4 5 )
p.example CNAME . ; x
  A 192.0.2.1
*.p.example CNAME rpz-drop.
q.example.rpz.test. 60 CNAME garden
32.1.2.0.192.rpz-ip CNAME .
192.0.2.9
bücher.example
||xn--bcher-kva.example^
  r.example
@@||s.example^
"""


@pytest.fixture
def listed(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "list.txt"
    path.write_text(LIST)
    return path


TEXTS = [
    ("a.example", 2),
    ("b.example", 3),
    ("c.example", 3),
    ("192.0.2.1 e.example", 5),
    ("*.f.example", 7),
    ("||a.example^", 8),
    ("||g.example^$important", 9),
    ("@@||h.example^", 10),
    ("||h.example^", 11),
    ("/^ads[0-9]+\\.i\\.example/", 13),
    ("||*^$dnstype=AAAA", 14),
    ("||l.example^", 15),
    ("address=/m.example/192.0.2.1", 16),
    ("address=/*n.example/", 17),
    ("server=/o.example/#", 18),
    ("p.example CNAME .", 22),
    ("p.example A 192.0.2.1", 23),
    ("*.p.example CNAME rpz-drop.", 24),
    ("q.example CNAME garden.rpz.test.", 25),
    ("32.1.2.0.192.rpz-ip CNAME .", 26),
    ("192.0.2.9", 27),
    ("xn--bcher-kva.example", 28),
    ("||xn--bcher-kva.example^", 29),
    ("r.example", 30),
    ("||s.example^", 31),  # as an allow list has it
]


@pytest.mark.parametrize(("text", "line"), TEXTS)
def test_a_rule_is_found_where_it_stands(listed: pathlib.Path, text: str, line: int) -> None:
    assert locate(listed, "auto", text) == Located(line, LIST.splitlines()[line - 1].strip())


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_bytes_do_not_matter(tmp_path: pathlib.Path, end: str, encoding: str) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes((LIST + "x" * 300_000 + "\n\0\nlast.example").replace("\n", end).encode(encoding))
    assert [locate(path, "auto", text) for text, _ in TEXTS] == [
        Located(line, LIST.splitlines()[line - 1].strip()) for _, line in TEXTS
    ]
    assert locate(path, "auto", "last.example") == Located(34, "last.example")


@pytest.mark.parametrize(
    "text", ["example", "x.example", "||b.example^", "*.a.example", "ad", "", "/", "é", "d.example"]
)
def test_what_is_not_there_is_not_found(listed: pathlib.Path, text: str) -> None:
    assert locate(listed, "auto", text) is None


def test_the_syntax_and_subdomains_are_the_sources(listed: pathlib.Path) -> None:
    assert locate(listed, "domains", "a.example") == Located(6, "A.EXAMPLE")
    assert locate(listed, "domains", "||a.example^", subdomains=True) == Located(6, "A.EXAMPLE")
    assert locate(listed, "hosts", "*.f.example") is None
    assert locate(listed, "yaml", "a.example") is None


def test_origins_are_obeyed(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "zone"
    path.write_text(
        "$ORIGIN rpz.test.\n$ORIGIN com.rpz.test.\na.example CNAME .\n$ORIGIN rpz.test.\na.example CNAME .\n"
    )
    assert locate(path, "rpz", "a.example CNAME .") == Located(5, "a.example CNAME .")
    assert locate(path, "rpz", "a.example.com CNAME .") == Located(3, "a.example CNAME .")


def test_a_long_line_is_cut(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "hosts"
    path.write_text("0.0.0.0 " + " ".join(f"n{number}.example" for number in range(1000)))
    found = locate(path, "hosts", "n999.example")
    assert found is not None
    assert found.line == 1
    assert len(found.text) == LONGEST_SHOWN


def test_an_empty_file_holds_nothing(tmp_path: pathlib.Path) -> None:
    (tmp_path / "empty").touch()
    assert locate(tmp_path / "empty", "auto", "a.example") is None


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: pathlib.Path) -> None:
    with pytest.raises(FileNotFoundError):
        locate(tmp_path / "none", "auto", "a.example")


def test_big_lists_are_searched_fast(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "big"
    path.write_text("".join(f"||n{number}.tracker.example^\n" for number in range(200_000)))
    started = time.process_time()
    for number in [0, 1, 12_345, 99_999, 199_998, 199_999]:
        text = f"||n{number}.tracker.example^"
        assert locate(path, "auto", text) == Located(number + 1, text)
    path.write_text("".join(f"n{number}.example CNAME .\n" for number in range(200_000)) + "*.zip CNAME .\n")
    assert locate(path, "rpz", "*.zip CNAME .") == Located(200_001, "*.zip CNAME .")
    assert time.process_time() - started < 7 * 0.1


POOL = [
    *LIST.splitlines(),
    *["t.co", "0.0.0.0 t.co", "||t.co^", "xt.co", "t.com", "CNAME t.co. ", "t.co CNAME .", "$ORIGIN x.test."],
]


@settings(max_examples=60)
@given(st.lists(st.sampled_from(POOL), max_size=12), st.sampled_from(auto.SYNTAXES))
def test_whatever_a_list_holds_is_found(tmp_path_factory: pytest.TempPathFactory, text: list[str], syntax: str) -> None:
    path = tmp_path_factory.mktemp("lists") / "list.txt"
    path.write_text("\n".join(text))
    parse = auto.parser(syntax)
    assert parse is not None
    shown = [
        [
            show(found.name, found.action, found.form, found.options) if isinstance(found, Rule) else found.text
            for found in parse(" " + line.strip() if line.startswith(" ") and syntax in auto.INDENTED else line.strip())
            if isinstance(found, Rule | Pattern | Network)
        ]
        for line in text
    ]
    for texts in shown:
        for rule in texts:
            found = locate(path, syntax, rule)
            assert found is not None
            assert rule in shown[found.line - 1]
