"""The models: each link of the team's own chain is really asked, with the smallest request there is."""

from __future__ import annotations

import time
from collections.abc import Iterator

from agents.money import dollars
from agents.writing.prompts import Message
from bot.doctor.finding import Finding, fail, ok, warn
from bot.doctor.patient import Patient

ASKED = (Message("user", "Answer with one word: ready"),)
PATIENCE_S = 20.0
CONNECT = "Set OPENAI_API_KEY in .env (or OPENAI_BASE_URL to any server that speaks OpenAI's protocol), then restart."


def models(patient: Patient) -> Iterator[Finding]:
    from integrations.llm.link import CallFailed

    links = patient.troupe.chain().links
    if not links:
        words = "No model is connected: personas write with the built-in rehearsal model, offline, and every card says so."
        yield warn("models", words, CONNECT)
    for link in links:
        name, begun = f"{link.provider} {link.model}", time.monotonic()
        try:
            reply = link.answer(ASKED, timeout_s=PATIENCE_S)
        except CallFailed as failed:
            yield fail(
                name,
                f"It cannot be used: {failed.reason}.",
                "Look at its key, its address and OPENAI_MODEL in .env.",
            )
            continue
        cost = f", for {dollars(link.price.cost(reply.tokens))}" if reply.tokens else ""
        noted = f" ({link.price.note})" if link.price.note else ""
        yield ok(name, f"Answered in {time.monotonic() - begun:.1f} s{cost}{noted}")


def moderation(patient: Patient) -> Iterator[Finding]:
    if patient.troupe.moderator is None:
        yield ok(
            "moderation",
            "No service is connected; its check is skipped and says so",
            "OPENAI_API_KEY connects one.",
        )
        return
    found = patient.troupe.moderator.look("A friendly word about our new release.")
    if found.skipped:
        yield warn(
            "moderation",
            found.skipped,
            "Posts are not moderated meanwhile. OpenAI's own address has the service.",
        )
    else:
        yield ok("moderation", "Answers")


CHECKS = (models, moderation)
