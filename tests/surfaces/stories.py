"""Every story in which a button or a form is pressed, with the verbs it says it presses: `buttons*.py` tell them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pkgutil import iter_modules

from tests import surfaces
from tests.servers.pds import Pds
from tests.surfaces.hands import Hands

Story = Callable[[Hands, Pds], None]
STORIES: dict[Story, frozenset[str]] = {}


def presses(*verbs: str) -> Callable[[Story], Story]:
    def enter(story: Story) -> Story:
        STORIES[story] = frozenset(verbs)
        return story

    return enter


def load() -> Mapping[Story, frozenset[str]]:
    """All of them, of every file that tells some."""
    for module in iter_modules(surfaces.__path__):
        if module.name.startswith("buttons"):
            import_module(f"{surfaces.__name__}.{module.name}")
    return STORIES
