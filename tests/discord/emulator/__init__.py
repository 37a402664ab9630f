"""Discord on this machine: the real protocol, strict, for the real client.  See `emulator.Emulator`."""

from tests.discord.emulator.emulator import Emulator
from tests.discord.emulator.errors import NotPossible, Refused
from tests.discord.emulator.hands import Answer, Person
from tests.discord.emulator.interaction import Interaction
from tests.discord.emulator.modal import Modal, Submitted
from tests.discord.emulator.patience import Patience
from tests.discord.emulator.room import Room
from tests.discord.emulator.state import Attachment, Message, Role
from tests.discord.emulator.world import Call

__all__ = [
    "Answer",
    "Attachment",
    "Call",
    "Emulator",
    "Interaction",
    "Message",
    "Modal",
    "NotPossible",
    "Patience",
    "Person",
    "Refused",
    "Role",
    "Room",
    "Submitted",
]
