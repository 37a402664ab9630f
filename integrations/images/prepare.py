"""Pictures that people give us: looked at before they are accepted, and made to fit before they leave."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import BinaryIO, cast

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from agents.errors import Invalid

FORMATS = ("JPEG", "PNG", "WEBP")
# MPO is a JPEG with more behind it: depth, HDR gain. Phones make them, and the first picture is the photo.
KINDS = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
MAX_BYTES = 8_000_000  # what a camera or a phone makes, with room to spare
MAX_PIXELS = 50_000_000  # 150 MB once decoded: more is a bomb or a poster
QUALITIES = (90, 82, 74, 64)  # of JPEG; below 64 text in a screenshot frays, so then fewer pixels
SMALLEST_SIDE = 16  # pixels; a picture that must be smaller to fit shows nothing


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """kind: image/jpeg, image/png or image/webp.  width, height: pixels, as shown (turned as its EXIF data says).
    bytes: length of the file.  sha256: of the file, in hex."""

    kind: str
    width: int
    height: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A picture that is ready to leave: upright, sRGB, without metadata.  kind: image/jpeg or image/png."""

    data: bytes
    kind: str
    width: int
    height: int


def inspect(data: bytes) -> ImageInfo:
    """What the file is, after decoding all of it.

    Raises Invalid (field "image") if it is over 8 MB or 50 megapixels, is no JPEG, PNG or WebP, moves, or is damaged.
    """
    with _opened(data) as picture:
        frames = getattr(picture, "n_frames", 1)
        if frames > 1 and picture.format != "MPO":
            raise _invalid(
                f"It has {frames} frames; posts carry still pictures.", "Save one frame and add that."
            )
        width, height = ImageOps.exif_transpose(picture).size  # decodes all of it
        return ImageInfo(KINDS[picture.format or ""], width, height, len(data), sha256(data).hexdigest())


def fit(data: bytes, *, max_bytes: int = 1_000_000, max_side: int = 2000) -> Prepared:
    """The picture at the best quality that fits. The same bytes give the same bytes, with the same Pillow.

    max_bytes: > 0; the default is Bluesky's oldest limit, which every server accepts.  max_side: pixels, > 0.
    Transparency and crisp graphics stay PNG where that fits; all else is JPEG, transparency on white. Place,
    camera and every other metadata are gone; of a moving picture the first frame is kept.
    Raises Invalid like `inspect`, and when it cannot be made small enough.
    """
    with _opened(data) as opened:
        opened.draft(
            "RGB", (max_side, max_side)
        )  # lets JPEG decode at 1/2, 1/4, 1/8: a tenth of time and memory
        was_jpeg = KINDS[opened.format or ""] == "image/jpeg"
        picture = _srgb(ImageOps.exif_transpose(opened))
    picture.info.clear()  # comments, profile, EXIF: Pillow would write some of it into the new file
    picture.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    if not was_jpeg and len(png := _png(picture)) <= max_bytes:
        return Prepared(png, "image/png", *picture.size)
    return _as_jpeg(_on_white(picture), max_bytes)


def _as_jpeg(picture: Image.Image, max_bytes: int) -> Prepared:
    while min(picture.size) >= 1:
        for quality in QUALITIES:
            if len(jpeg := _jpeg(picture, quality)) <= max_bytes:
                return Prepared(jpeg, "image/jpeg", *picture.size)
        if max(picture.size) <= SMALLEST_SIDE:
            break
        picture = picture.resize([max(1, side * 3 // 4) for side in picture.size], Image.Resampling.LANCZOS)
    raise _invalid(f"It cannot be made to fit into {max_bytes:,} bytes.", "Use a simpler picture.")


def _srgb(picture: Image.Image) -> Image.Image:
    """Without its colour profile, which goes with the metadata, a wide-gamut photo would turn pale."""
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I;16"):
        picture = picture.point(lambda value: value / 256, "L")  # convert() would clip all but the darkest
    if profile and picture.mode in ("RGB", "RGBA", "CMYK", "L"):
        mode = "RGBA" if picture.mode == "RGBA" else "RGB"
        try:
            source = ImageCms.ImageCmsProfile(cast("BinaryIO", BytesIO(profile)))
            converted = ImageCms.profileToProfile(
                picture, source, ImageCms.createProfile("sRGB"), outputMode=mode
            )
            picture = converted or picture
        except (ImageCms.PyCMSError, OSError):
            pass  # a broken or a foreign profile: the colours as they stand are the best guess
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode == "RGB":
        return picture
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture).convert("RGB")


def _png(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()


@contextmanager
def _opened(data: bytes) -> Iterator[Image.Image]:
    """The picture, its header read and its size allowed; nothing decoded yet. Decoding errors inside become Invalid."""
    if len(data) > MAX_BYTES:
        raise _invalid(
            f"It has {len(data) / 1e6:.1f} MB; at most {MAX_BYTES / 1e6:.0f} MB are taken.", SMALLER
        )
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as picture:
            pixels = picture.width * picture.height
            if pixels > MAX_PIXELS:
                raise _too_many(f"{picture.width} × {picture.height} pixels")
            yield picture
    except Invalid:
        raise
    except UnidentifiedImageError as error:
        raise _invalid("It is no JPEG, PNG or WebP.", "Save it as one of these and add it again.") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many("far more pixels than a picture") from error
    except (
        Exception
    ) as error:  # a damaged file makes Pillow raise nearly anything, struct.error and IndexError too
        raise _invalid(f"It is damaged: {error}.", "Export it again from where it came from.") from error


SMALLER = "Make it smaller, for example by saving it as JPEG, and add it again."


def _too_many(size: str) -> Invalid:
    return _invalid(f"It has {size}; at most {MAX_PIXELS / 1e6:.0f} million are taken.", SMALLER)


def _invalid(what: str, remedy: str) -> Invalid:
    return Invalid(f"The picture cannot be used. {what}", remedy=remedy, field="image")
