"""Slack on this machine: the real protocol, strict, for the real clients.  See `emulator.Emulator`."""

from tests.slack.emulator.delivery import Delivery, Patience, Reply
from tests.slack.emulator.emulator import Emulator
from tests.slack.emulator.errors import NotPossible, Refused
from tests.slack.emulator.hands import Answer, Person
from tests.slack.emulator.modal import Home, Modal, Submitted
from tests.slack.emulator.room import Room
from tests.slack.emulator.state import File, Message
from tests.slack.emulator.world import Call

__all__ = [
    "Answer",
    "Call",
    "Delivery",
    "Emulator",
    "File",
    "Home",
    "Message",
    "Modal",
    "NotPossible",
    "Patience",
    "Person",
    "Refused",
    "Reply",
    "Room",
    "Submitted",
]
