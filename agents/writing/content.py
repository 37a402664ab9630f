"""What goes out, exactly: the text of every segment, its pictures with alternative texts, its link card."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that belongs to a post. Its bytes are kept under `id`; `sha256` is over exactly those bytes."""

    id: str
    sha256: str
    kind: str
    """image/jpeg, image/png or image/webp."""
    width: int
    height: int
    bytes: int
    alt: str = ""


@dataclass(frozen=True, slots=True)
class LinkCard:
    """The preview under a post that links somewhere. Fetched when the version is made, so people approve what they saw."""

    url: str
    title: str
    description: str = ""
    thumb: Picture | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """One message of a thread; most posts have one."""

    text: str
    pictures: tuple[Picture, ...] = ()
    card: LinkCard | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that a version says. `languages` are BCP 47 tags, at most three."""

    segments: tuple[Segment, ...]
    languages: tuple[str, ...] = ("en",)

    @property
    def text(self) -> str:
        """All segments as one text, as a person edits it: segments are parted by a line of three dashes."""
        return SEGMENT_BREAK.join(segment.text for segment in self.segments)

    @property
    def pictures(self) -> tuple[Picture, ...]:
        return tuple(picture for segment in self.segments for picture in segment.pictures)

    def with_text(self, text: str) -> Content:
        """The same pictures and card under a new text; surplus pictures move to the last segment that is left."""
        texts = [part.strip() for part in text.replace("\r\n", "\n").split(SEGMENT_BREAK.strip("\n"))]
        texts = [part for part in texts if part] or [""]
        old = self.segments
        kept = [replace(old[i], text=part) if i < len(old) else Segment(part) for i, part in enumerate(texts)]
        orphans = tuple(p for segment in old[len(texts) :] for p in segment.pictures)
        kept[-1] = replace(kept[-1], pictures=kept[-1].pictures + orphans)
        return replace(self, segments=tuple(kept))


SEGMENT_BREAK = "\n---\n"
