"""A face for who has none: drawn from the name alone, so it is the same everywhere and for ever."""

from __future__ import annotations

from hashlib import sha256
from math import cos, pi, sin
from xml.sax.saxutils import escape

SIZE = 96
"""Pixels of the drawing's own square."""
HUES = (8, 28, 46, 92, 150, 176, 200, 224, 262, 292, 322, 344)
"""Degrees on the colour wheel that look well behind white letters."""


def avatar_svg(name: str) -> str:
    """A square SVG: two initials on a soft pattern.  name: any text; "" draws a question mark."""
    digest = sha256(name.strip().lower().encode("utf-8", "replace")).digest()
    hue = HUES[digest[0] % len(HUES)]
    second = (hue + 24 + digest[1] % 48) % 360
    shapes = "".join(_petal(digest[i : i + 4], i) for i in (4, 8, 12))
    letters = escape(initials(name))
    size = 40 if len(letters) < 3 else 30
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" width="{SIZE}" height="{SIZE}">'
        f'<defs><linearGradient id="g" gradientTransform="rotate({digest[2] % 90})">'
        f'<stop stop-color="hsl({hue} 52% 42%)"/><stop offset="1" stop-color="hsl({second} 58% 34%)"/>'
        f'</linearGradient></defs><rect width="{SIZE}" height="{SIZE}" fill="url(#g)"/>'
        f'<g fill="#fff" fill-opacity=".13">{shapes}</g>'
        f'<text x="50%" y="50%" dy=".36em" text-anchor="middle" fill="#fff" font-size="{size}" font-weight="600" '
        f'font-family="system-ui, sans-serif">{letters}</text></svg>'
    )


def initials(name: str) -> str:
    """ "Ada Lovelace" -> "AL", "ada" -> "A". Only letters and digits count."""
    words = ["".join(c for c in word if c.isalnum()) for word in name.replace("-", " ").split()]
    words = [word for word in words if word]
    chosen = [words[0][0], words[-1][0]] if len(words) > 1 else [word[0] for word in words]
    return "".join(chosen).upper() or "?"


def _petal(seed: bytes, turn: int) -> str:
    """A circle somewhere around the middle."""
    angle = 2 * pi * seed[0] / 256 + turn
    far = SIZE * (0.25 + seed[1] / 512)
    x, y = SIZE / 2 + far * cos(angle), SIZE / 2 + far * sin(angle)
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{SIZE * (0.16 + seed[2] / 800):.1f}"/>'
