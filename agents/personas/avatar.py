"""A face for who has none: drawn from the name alone, so it is the same everywhere and for ever."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from html import escape
from math import cos, pi, sin

SIZE = 96
"""Pixels of the drawing's own square."""
HUES = (8, 28, 46, 92, 150, 176, 200, 224, 262, 292, 322, 344)
"""Degrees on the colour wheel that look well behind white letters."""


@dataclass(frozen=True, slots=True)
class Face:
    """What is drawn: letters on a gradient between two colours, over it circles.

    colours: (hue in degrees, saturation, lightness in per cent).  angle: of the gradient, degrees.
    circles: (x, y, radius) in units of SIZE, white, 13 per cent opaque.
    """

    letters: str
    colours: tuple[tuple[int, int, int], tuple[int, int, int]]
    angle: int
    circles: tuple[tuple[float, float, float], ...]


def face(name: str) -> Face:
    """name: any text; "" is a question mark."""
    digest = sha256(name.strip().lower().encode("utf-8", "replace")).digest()
    hue = HUES[digest[0] % len(HUES)]
    second = (hue + 24 + digest[1] % 48) % 360
    circles = tuple(_petal(digest[i : i + 4], i) for i in (4, 8, 12))
    return Face(initials(name), ((hue, 52, 42), (second, 58, 34)), digest[2] % 90, circles)


def avatar_svg(name: str) -> str:
    """A square SVG."""
    shown = face(name)
    start, end = (f"hsl({hue} {saturation}% {light}%)" for hue, saturation, light in shown.colours)
    shapes = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}"/>' for x, y, r in shown.circles)
    letters = escape(shown.letters, quote=False)
    size = 40 if len(letters) < 3 else 30
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" width="{SIZE}" height="{SIZE}">'
        f'<defs><linearGradient id="g" gradientTransform="rotate({shown.angle})">'
        f'<stop stop-color="{start}"/><stop offset="1" stop-color="{end}"/>'
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


def _petal(seed: bytes, turn: int) -> tuple[float, float, float]:
    """A circle somewhere around the middle."""
    angle = 2 * pi * seed[0] / 256 + turn
    far = SIZE * (0.25 + seed[1] / 512)
    return SIZE / 2 + far * cos(angle), SIZE / 2 + far * sin(angle), SIZE * (0.16 + seed[2] / 800)
