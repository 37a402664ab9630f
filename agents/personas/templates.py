"""Ready-made personas to begin with. Each is a document of the kind that people export and import."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from agents.errors import NotFound
from agents.personas import document
from agents.personas.persona import Profile

_CAST = Path(__file__).parent / "cast"

TEMPLATES: tuple[str, ...] = tuple(sorted(path.stem for path in _CAST.glob("*.yaml")))
"""Their words: "product-marketer", …"""


@cache
def template(word: str) -> Profile:
    """Raises NotFound with the nearest one."""
    if word not in TEMPLATES:
        raise NotFound.named("template", word, TEMPLATES, field="template")
    return document.read((_CAST / f"{word}.yaml").read_text("utf-8"))
