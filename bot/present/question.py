"""The card of a question that a persona asks in the middle of a task."""

from __future__ import annotations

from dataclasses import dataclass

from agents.personas.persona import Persona
from agents.tasks.question import Question
from agents.tasks.task import Task
from bot.cards import Author, Block, Button, Card, Field, Fields, Menu, Text, Tone, action


@dataclass(frozen=True, slots=True)
class QuestionView:
    question: Question
    task: Task
    persona: Persona | None = None


def card(view: QuestionView) -> Card:
    """The same for every reader."""
    question, persona = view.question, view.persona
    name = persona.name if persona else "A persona"
    answered = question.answered_at is not None
    over = answered or not view.task.is_open
    return Card(
        title=f"{name} asks about “{view.task.title}”",
        blocks=tuple(_blocks(question)),
        buttons=() if over else tuple(buttons(question)),
        menu=Menu("More", (Button("Show the task", action("task.show", view.task.id)),)),
        author=Author(name, "persona", persona.id if persona else "", persona.avatar if persona else ""),
        badge="answered" if answered else "the task has ended" if over else "waits for an answer",
        tone=Tone.GOOD if answered else Tone.NEUTRAL if over else Tone.WAITING,
        subject=question.subject,
    )


def _blocks(question: Question) -> list[Block]:
    blocks: list[Block] = [Text(question.text, whole=True)]
    if question.answered_at is not None:
        blocks.append(Text(question.answer, "quote"))
        return [*blocks, Fields((Field(f"Answered by {question.answered_by}", question.answered_at),))]
    return [
        *blocks,
        Text(
            "The work waits meanwhile, at no cost. An answer in this card's thread counts as well.", "muted"
        ),
    ]


def buttons(question: Question) -> list[Button]:
    """One for each option, by its number; and one's own words. There are few, short enough for a button (`questions.ask`)."""
    chosen = [
        Button(
            option,
            action("question.choose", question.id, str(n)),
            "primary" if n == 1 else "plain",
        )
        for n, option in enumerate(question.options, 1)
    ]
    words = "Something else…" if chosen else "Answer…"
    return [*chosen, Button(words, action("question.answer", question.id), "plain" if chosen else "primary")]
