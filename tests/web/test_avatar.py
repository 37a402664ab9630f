from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from agents.personas.avatar import avatar_svg, initials


@given(st.text(max_size=40))
def test_every_name_has_a_face_and_keeps_it(name: str) -> None:
    svg = avatar_svg(name)
    assert svg == avatar_svg(name)
    found = ElementTree.fromstring(svg)  # noqa: S314  our own
    assert {element.tag.partition("}")[2] for element in found.iter()} <= {
        "svg", "defs", "linearGradient", "stop", "rect", "g", "circle", "text",
    }  # fmt: skip


def test_initials() -> None:
    names = {
        "Ada Lovelace": "AL",
        "ada": "A",
        "Jean-Luc Picard": "JP",
        "  ": "?",
        "<b> x": "BX",
        "李 明": "李明",
    }
    assert {name: initials(name) for name in names} == names


def test_faces_differ() -> None:
    assert len({avatar_svg(name) for name in ("Ada", "Alan", "Amy", "Abe")}) == 4
