"""A cast for an empty database, so that a newcomer can begin at once; and the first way in."""

from __future__ import annotations

import getpass
from datetime import timedelta

from tzlocal import get_localzone_name

from agents.people import Person, Role
from agents.personas.templates import template
from bot import wiring
from bot.platforms import STAGE
from bot.settings import Settings
from storage.unit_of_work import UnitOfWork

CHANNELS = ("general", "drafts", "alerts")
CAST = ("product-marketer", "developer-advocate", "support-lead")
"""Templates that become personas of the first hour; the other ones wait in /persona templates."""


def seed(settings: Settings) -> str:
    """Fills an empty database, and returns the path of a one-time sign-in link for the first owner.

    On a database with people in it nothing is added; the link is for the owner who was there first.
    """
    troupe = wiring.build(settings)
    with troupe.storage.unit_of_work() as work:
        owner = _first_owner(work) or _cast(work)
        return f"/sign-in/{work.access.new_code(owner.id, work.now)}"


def _first_owner(work: UnitOfWork) -> Person | None:
    return next((p for p in work.people.everyone() if p.role is Role.OWNER), None)


def _cast(work: UnitOfWork) -> Person:
    """Whoever starts it owns it; three personas with an account on the stage; three channels."""
    owner = work.people.add(_name(), Role.OWNER, work.now, zone=_zone())
    for place, name in enumerate(CHANNELS):
        work.channels.add("console", name, work.now + timedelta(milliseconds=place))  # listed in this order
    for word in CAST:
        profile = template(word).model_copy(update={"zone": owner.zone})
        persona = work.personas.add(profile, work.now)
        work.accounts.connect(persona.id, STAGE.platform, persona.handle, {}, work.now)
    return owner


def _name() -> str:
    """The name of who started it, as the machine knows them."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = "owner"
    return "Owner" if name == "root" else name.capitalize()


def _zone() -> str:
    try:
        return str(get_localzone_name() or "UTC")
    except Exception:  # a machine without a set zone raises whatever its files make it raise
        return "UTC"
