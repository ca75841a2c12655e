"""Frame Streams: bytes as the format has them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.dnstap.streams import CONTENT_TYPE, Control, ControlFrame, control_frame, data_frame, read_control
from resolver.errors import WireError
from tests.dnstap import receiver


def test_as_others_write_them() -> None:
    assert data_frame(b"abc") == b"\0\0\0\3abc"
    assert control_frame(Control.STOP) == b"\0\0\0\0\0\0\0\4\0\0\0\3"
    assert control_frame(Control.START, CONTENT_TYPE) == receiver.control(receiver.START, receiver.TYPE)
    assert control_frame(Control.READY, CONTENT_TYPE)[8:16] == b"\0\0\0\4\0\0\0\1"


@given(st.sampled_from(Control), st.lists(st.binary(max_size=100), max_size=3))
def test_what_is_written_is_read(type: Control, content: list[bytes]) -> None:
    assert read_control(control_frame(type, *content)[8:]) == ControlFrame(type, tuple(content))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0\0\0",
        b"\0\0\0\1\0\0\0\1",
        b"\0\0\0\1\0\0\0\1\0\0\0\5abcd",
        b"\0\0\0\1\0\0\0\2\0\0\0\1a",
        b"\0\0\0\1\0\0\0\1\0\0\1\1" + bytes(257),
        b"\0\0\0\1" + bytes(600),
    ],
)
def test_garbage(body: bytes) -> None:
    with pytest.raises(WireError, match="a control frame"):
        read_control(body)


@given(st.binary(max_size=600))
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    try:
        found = read_control(body)
    except WireError:
        return
    assert sum(map(len, found.content_types)) <= len(body)
