"""A face as a PNG, for platforms that take no SVG and fetch it themselves."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFont

from agents.personas.avatar import SIZE, Face

SMOOTH = 2
"""Drawn so many times larger, then made smaller: Pillow's circles have no soft edges of their own."""
OPAQUE = round(0.13 * 255)


def face_png(face: Face, side: int = 256) -> bytes:
    """side: pixels of the square."""
    big = side * SMOOTH
    picture = _gradient(face, big)
    picture.paste("white", mask=_circles(face, big))
    font = ImageFont.load_default(size=big * 40 / SIZE)
    ImageDraw.Draw(picture).text((big / 2, big / 2), face.letters, "white", font, anchor="mm")
    out = BytesIO()
    picture.resize((side, side), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()


def square_png(data: bytes, side: int = 256) -> bytes:
    """A picture's middle as a square.  data: one that `prepare` let pass."""
    with Image.open(BytesIO(data)) as picture:
        edge = min(picture.size)
        left, top = (picture.width - edge) // 2, (picture.height - edge) // 2
        middle = picture.convert("RGB").crop((left, top, left + edge, top + edge))
    out = BytesIO()
    middle.resize((side, side), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()


def _gradient(face: Face, big: int) -> Image.Image:
    start, end = (
        ImageColor.getrgb(f"hsl({hue}, {saturation}%, {light}%)") for hue, saturation, light in face.colours
    )
    wide = Image.linear_gradient("L").resize((2 * big, 2 * big)).rotate(90 - face.angle)
    across = wide.crop((big // 2, big // 2, big // 2 + big, big // 2 + big))
    return Image.composite(Image.new("RGB", (big, big), end), Image.new("RGB", (big, big), start), across)


def _circles(face: Face, big: int) -> Image.Image:
    """They add up where they overlap, as in the SVG."""
    mask = Image.new("L", (big, big))
    for x, y, radius in face.circles:
        one = Image.new("L", (big, big))
        box = [(v * big / SIZE) for v in (x - radius, y - radius, x + radius, y + radius)]
        ImageDraw.Draw(one).ellipse(box, fill=OPAQUE)
        mask = ImageChops.add(mask, one)
    return mask
