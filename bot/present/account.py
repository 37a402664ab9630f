"""Accounts of a persona: which there are, how one is connected, what ends when one is let go."""

from __future__ import annotations

from collections.abc import Sequence

from agents.personas.persona import Persona
from agents.publishing.platform import Account
from bot.cards import Block, Button, Card, Confirm, Text, Tone, action
from bot.platforms import BLUESKY, RULES, STAGE

CONNECT = {
    BLUESKY.platform: ("Connect Bluesky…", "persona.connect_bluesky"),
    STAGE.platform: ("Connect the stage", "persona.connect_stage"),
}
"""By platform: the button's label, and its verb."""
ANYBODY = "anybody"
"""On `persona.connect` stands for no persona in particular."""


def account_line(account: Account) -> str:
    """ "ada.bsky.social on Bluesky"."""
    name = RULES[account.platform].name if account.platform in RULES else account.platform
    trouble = "" if account.state == "connected" else " (has to be connected again)"
    return f"{account.handle} on {name}{trouble}"


def connect_buttons(persona: Persona, accounts: Sequence[Account]) -> list[Button]:
    """What is not connected yet, or has to be connected again."""
    working = {account.platform for account in accounts if account.state == "connected"}
    return [
        Button(label, action(verb, persona.id))
        for platform, (label, verb) in CONNECT.items()
        if platform not in working
    ]


def card(persona: Persona, accounts: Sequence[Account]) -> Card:
    """Every account with its state, and what can be connected."""
    blocks: list[Block] = []
    if accounts:
        blocks.append(Text("\n".join(f"{_platform(one)}: {_state(one)}" for one in accounts)))
    buttons = connect_buttons(persona, accounts)
    if buttons:
        blocks.append(Text("A password is asked for in a form only. Never type one into a channel.", "muted"))
    again = [
        Button(f"Sign {one.handle} in again…", action(CONNECT[one.platform][1], persona.id))
        for one in accounts
        if one.platform == BLUESKY.platform and one.state == "connected"
    ]
    return Card(f"Accounts of {persona.name}", tuple(blocks), (*buttons, *again))


def leaving(account: Account, persona: Persona) -> Card:
    """Asks before it is let go."""
    sure = Confirm(f"Let {account.handle} go? Troupe forgets its credentials.", "Disconnect it")
    button = Button(f"Disconnect {account.handle}", action("account.disconnect", account.id), "danger", sure)
    what = (
        "Troupe forgets its credentials. What was published stays, and it can be connected again at any time."
    )
    return Card(
        f"Disconnect {account_line(account)} from {persona.name}?",
        (Text(what),),
        (button,),
        tone=Tone.WAITING,
    )


def _platform(account: Account) -> str:
    return RULES[account.platform].name if account.platform in RULES else account.platform


def _state(account: Account) -> str:
    where = f" at {account.base_url}" if account.base_url else ""
    states = {"connected": "connected", "sign_in_needed": "has to be connected again"}
    return f"{account.handle}{where}, {states.get(account.state, account.state)}"
