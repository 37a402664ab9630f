"""What tools reach the outside with, by the names that they know: only what this installation has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.tasks.toolbox.people import PERSONAS
from bot.wiring import Troupe
from jobs.colleagues import Colleagues


def adapters(troupe: Troupe) -> Mapping[str, Any]:
    return {**troupe.task_adapters, PERSONAS: Colleagues(troupe)}
