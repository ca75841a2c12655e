import gzip
import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.lists.guard import refuse

HTML = "<!DOCTYPE html>\n<html><body>Sign in at portal.example</body></html>"


def judged(tmp_path: pathlib.Path, data: str | bytes, syntax: str = "auto", **more: bool) -> str | None:
    path = tmp_path / "list"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return refuse(path, 10, syntax, **more)


@pytest.mark.parametrize(
    "data",
    [
        HTML,
        "\ufeff  \n" + HTML,
        '<?xml version="1.0"?>\n<!doctype html>',
        "<!-- cached -->\n<HTML lang=en>",
        "<html>",
        "<head><title>x</title>",
        "<script>location = '/login'</script>",
    ],
)
@pytest.mark.parametrize("own", [True, False])
def test_a_web_page_is_refused(tmp_path: pathlib.Path, data: str, own: bool) -> None:
    reason = judged(tmp_path, data + "\nads.example\n", own=own)
    assert reason is not None
    assert reason.startswith("it is a web page")


@pytest.mark.parametrize(
    "data", [gzip.compress(b"ads.example\n" * 99), b"PK\x03\x04\x00\x00\x00", bytes(range(256)) * 9]
)
@pytest.mark.parametrize("own", [True, False])
def test_what_is_not_text_is_refused(tmp_path: pathlib.Path, data: bytes, own: bool) -> None:
    reason = judged(tmp_path, data, own=own)
    assert reason is not None
    assert reason.startswith("it is not text")


@pytest.mark.parametrize(
    "data", ["# nothing\n", "\n\n", '{"error": "rate limit"}', "##.banner\n", "0.0.0.0 localhost\n"]
)
def test_a_download_without_a_rule_is_refused(tmp_path: pathlib.Path, data: str) -> None:
    assert judged(tmp_path, data) == "no line of it is a rule (syntax auto)"


def test_the_syntax_decides_what_is_a_rule(tmp_path: pathlib.Path) -> None:
    assert judged(tmp_path, "0.0.0.0 ads.example", "hosts") is None
    assert judged(tmp_path, "0.0.0.0 ads.example", "domains") == "no line of it is a rule (syntax domains)"
    assert judged(tmp_path, "ads.example", "nonsense") == "no line of it is a rule (syntax nonsense)"


def test_an_empty_download_is_refused(tmp_path: pathlib.Path) -> None:
    assert judged(tmp_path, "") == "it is empty"


def test_a_file_of_ones_own_may_say_nothing_but_not_by_accident(tmp_path: pathlib.Path) -> None:
    assert judged(tmp_path, "# none for now\n", own=True) is None
    assert judged(tmp_path, "", own=True) == "it is empty; to keep it without rules, write a comment into it"
    assert refuse(tmp_path / "list", 0, own=True) is None


@pytest.mark.parametrize(
    "data",
    [
        "ads.example",
        "! comment\n||ads.example^\n",
        b"\xef\xbb\xbfads.example\r\n",
        "ads.example\n".encode("utf-16"),
        b"# one stray NUL \x00 in a long comment that goes on and on and on\nads.example\n",
        "x" * 70_000 + "\nads.example\n",
        "# " + "x" * 70_000 + "\n" + "! far down\n" * 9_000 + "ads.example\n",
        "<broken\nads.example\n",
    ],
)
def test_lists_pass(tmp_path: pathlib.Path, data: str | bytes) -> None:
    assert judged(tmp_path, data) is None


def test_a_file_that_is_gone(tmp_path: pathlib.Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        refuse(tmp_path / "no", 0)


@given(data=st.binary(max_size=300), own=st.booleans())
def test_no_bytes_break_it(tmp_path_factory: pytest.TempPathFactory, data: bytes, own: bool) -> None:
    reason = judged(tmp_path_factory.getbasetemp(), data, own=own)
    assert reason is None or reason.startswith(("it is", "no line"))
