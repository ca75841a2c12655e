import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.network.naming import called, host_name


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Tablet", "tablet"),
        ("tablet.fritz.box.", "tablet.fritz.box"),
        ("_odd-1", "_odd-1"),
        ("localhost", ""),
        ("192.0.2.7", ""),
        ("7", ""),
        ("-tablet", ""),
        ("tab let", ""),
        ("tab\\032let", ""),
        ("\x1b[2Jevil", ""),
        ("tablet\n", ""),
        ("tablét", ""),
        ("ta..blet", ""),
        (".", ""),
        ("*", ""),
        ("", ""),
        ("a" * 63, "a" * 63),
        ("a" * 64, ""),
        ("a." * 127 + "a", ""),
    ],
)
def test_host_names(given: str, name: str) -> None:
    assert host_name(given) == name


@given(st.text(max_size=300))
def test_nothing_but_letters_digits_hyphens_comes_through(text: str) -> None:
    name = host_name(text)
    assert len(name) <= 253
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert host_name(name) == name


def test_called() -> None:
    assert called("tablet", "tablet")
    assert called("tablet.fritz.box", "tablet")
    assert called("tablet.fritz.box", "tablet.fritz.box")
    assert not called("tablet.fritz.box", "tablet.lan")
    assert not called("tablet2.fritz.box", "tablet")
