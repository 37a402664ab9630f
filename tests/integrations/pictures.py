"""Pictures made on the spot."""

from __future__ import annotations

from io import BytesIO
from random import Random
from typing import Any

from PIL import Image


def encoded(picture: Image.Image, format: str = "JPEG", **options: Any) -> bytes:
    out = BytesIO()
    picture.save(out, format, **options)
    return out.getvalue()


def photo(width: int, height: int, *, seed: int = 1) -> Image.Image:
    """Noise: as hard to compress as anything that a camera sees."""
    return Image.frombytes("RGB", (width, height), Random(seed).randbytes(width * height * 3))


def graphic(width: int = 300, height: int = 200, color: str = "navy") -> Image.Image:
    return Image.new("RGB", (width, height), color)
