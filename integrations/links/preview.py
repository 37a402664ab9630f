"""The preview of a link for a card: fetched by us, because no platform does it for a post made by API."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from agents.errors import Invalid
from integrations.http.door import Door
from integrations.http.errors import FetchError, Unreachable
from integrations.images.prepare import Prepared, fit
from integrations.links.page import read

MAX_PAGE = 5_000_000  # bytes of HTML; heavy shops and video sites send two to three million
MAX_IMAGE = 8_000_000
MAX_THUMB = 1_000_000  # bytes, app.bsky.embed.external
THUMB_SIDE = 1200  # pixels; what Open Graph recommends and Bluesky shows
HTML = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True)
class LinkPreview:
    """What a card shows of a link.

    url: as it was asked for, which is what people approve; not where it redirects.
    title: 1-300 graphemes, the host's name where the page has none.  description: at most 300, may be "".
    image: ready to be shown and uploaded (≤ 1,000,000 bytes, no metadata), None when there is none that can be.
    image_type: "image/jpeg" or "image/png"; None with no image.  width, height: its pixels, 0 with no image.
    """

    url: str
    title: str
    description: str = ""
    image: bytes | None = None
    image_type: str | None = None
    width: int = 0
    height: int = 0


def preview(url: str, door: Door, *, timeout_s: float = 8.0) -> LinkPreview:
    """Reads the page behind `url` and its picture; a picture that cannot be had is left out.

    timeout_s: of the page, and again of the picture.
    Raises FetchError when the page cannot be read, is no HTML, or answers anything but success.
    """
    found = door.get(url, max_bytes=MAX_PAGE, accept=HTML, timeout_s=timeout_s)
    host = urlsplit(found.url).hostname or found.url
    if not HTTPStatus(200) <= found.status < HTTPStatus(300):
        raise Unreachable(
            f"{host} answers {found.status} instead of the page.", remedy="Open the link to see why."
        )
    page = read(found.body, url=found.url, charset=found.charset)
    thumb = _thumb(page.image_url, door, timeout_s) if page.image_url else None
    title = page.title or host
    if thumb is None:
        return LinkPreview(url, title, page.description)
    return LinkPreview(url, title, page.description, thumb.data, thumb.kind, thumb.width, thumb.height)


def _thumb(image_url: str, door: Door, timeout_s: float) -> Prepared | None:
    try:
        found = door.get(image_url, max_bytes=MAX_IMAGE, accept=("image/*",), timeout_s=timeout_s)
        return fit(found.body, max_bytes=MAX_THUMB, max_side=THUMB_SIDE)
    except (FetchError, Invalid):
        return None
