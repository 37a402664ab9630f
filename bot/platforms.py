"""Every platform that a post can go to, by the word that people type. Rules only: publishers live in workers."""

from __future__ import annotations

from collections.abc import Mapping

from agents.publishing.platform import Rules
from integrations.bluesky.rules import RULES as BLUESKY
from integrations.stage.rules import RULES as STAGE

RULES: Mapping[str, Rules] = {rules.platform: rules for rules in (STAGE, BLUESKY)}

__all__ = ["BLUESKY", "RULES", "STAGE"]
