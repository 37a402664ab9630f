"""What stands below output/ is handed over, with a picture where there can be one; what did not change is not again."""

from __future__ import annotations

from agents.personas.avatar import face
from agents.tasks.artifact import FILE_LIMIT, FILES_LIMIT
from agents.tasks.tools import Entry
from integrations.images.face import face_png
from jobs.handing_over import hand_over
from tests.tasks.fakes import MemoryRecord, MemoryWorkspace, desk


class Press:
    """Draws pages of reports."""

    def first_page(self, pdf: bytes) -> bytes:
        return b"picture of " + pdf


def at(files: dict[str, str | bytes]) -> tuple[MemoryWorkspace, MemoryRecord]:
    made = desk(files)
    return made.workspace, made.record


def handed(workspace: MemoryWorkspace, record: MemoryRecord) -> tuple[str, ...]:
    return hand_over(workspace.list(), workspace, record, {"report": Press()})


def test_only_what_stands_below_output_is_handed_over() -> None:
    workspace, record = at({"output/a.csv": "1,2", "output/deep/b.md": "#", "src/c.py": "c"})
    assert handed(workspace, record) == ()
    assert {path: file.kind for path, (file, _) in record.delivered.items()} == {
        "a.csv": "text/csv",
        "deep/b.md": "text/markdown",
    }


def test_what_did_not_change_is_not_handed_over_again() -> None:
    workspace, record = at({"output/a.csv": "1,2", "output/b.csv": "3,4"})
    handed(workspace, record)
    first = record.delivered["a.csv"][0]
    workspace.write("output/b.csv", b"5,6")
    handed(workspace, record)
    assert record.delivered["a.csv"][0] is first
    assert record.delivered["b.csv"][1] == b"5,6"


def test_pictures_and_reports_are_shown() -> None:
    shown: dict[str, bytes] = {}

    class Looking(MemoryRecord):
        def deliver(self, path: str, data: bytes, kind: str, preview: bytes = b""):  # type: ignore[no-untyped-def]
            shown[path] = preview
            return super().deliver(path, data, kind, preview)

    png = face_png(face("Ada"), 64)
    workspace, record = at({"output/a.png": png, "output/b.pdf": b"%PDF", "output/c.png": b"no picture"})
    hand_over(workspace.list(), workspace, Looking(record.task), {"report": Press()})
    assert shown["a.png"].startswith(b"\x89PNG")
    assert shown["b.pdf"] == b"picture of %PDF"
    assert shown["c.png"] == b"", "what cannot be drawn is handed over all the same"


def test_what_is_too_much_is_said() -> None:
    workspace, record = at({f"output/{n:02}.md": "x" for n in range(FILES_LIMIT + 1)})
    (said,) = handed(workspace, record)
    assert str(FILES_LIMIT) in said
    assert len(record.delivered) == FILES_LIMIT
    large = Entry("output/film.mp4", FILE_LIMIT + 1, False)
    (said,) = hand_over([large], workspace, record, {})
    assert "film.mp4" in said
