"""Pictures that people hand in: checked, made fit for every platform, and kept."""

from __future__ import annotations

from agents.errors import Invalid
from agents.events import Event, Subject
from agents.people import Person, Role
from bot.ports import Images
from storage.unit_of_work import Storage

UPLOAD_LIMIT = 8_000_000
"""Bytes of one picture, as `integrations.images` takes it."""


def keep(data: bytes, person: Person, images: Images, storage: Storage) -> str:
    """Its id; a form then carries it. Raises Invalid for what is no picture, Forbidden to viewers."""
    person.must_be(Role.EDITOR, "add pictures")
    if len(data) > UPLOAD_LIMIT:
        raise Invalid("The picture is larger than 8 MB.", remedy="Choose a smaller one.", field="picture")
    fitted, kind, width, height = images.prepare(data)
    with storage.unit_of_work() as work:
        kept = work.pictures.add(fitted, kind, width, height, person.id, work.now)
        after = {"bytes": len(fitted)}
        work.record(Event("picture.added", Subject("picture", kept.id), person.actor, after=after))
    return kept.id
