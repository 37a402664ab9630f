"""The text of a PDF as typst writes them: enough of the format to read back what a report shows, in the order it is drawn."""

from __future__ import annotations

import re
import zlib

ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
STRING = re.compile(rb"\(((?:[^()\\]|\\.)*)\)", re.S)
ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.S)
SHOWN = re.compile(
    rb"/(f\d+) [\d.]+ Tf|(\[(?:[^\[\]()]|\((?:[^()\\]|\\.)*\))*\])\s?TJ|(\((?:[^()\\]|\\.)*\))\s?Tj", re.S
)


def text(pdf: bytes) -> str:
    """Without any white space, which a PDF may or may not hold."""
    assert pdf.startswith(b"%PDF-")
    objects = {int(number): body for number, body in re.findall(rb"(\d+) 0 obj\n(.*?)endobj", pdf, re.S)}
    resources = b"".join(objects.values())
    fonts = {
        name: _unicode(objects, int(number)) for name, number in re.findall(rb"/(f\d+) (\d+) 0 R", resources)
    }
    drawn = [_stream(body) for body in objects.values() if b"stream\n" in body]
    return "".join("".join(_shown(page, fonts) for page in drawn if b" Tf" in page).split())


def _unicode(objects: dict[int, bytes], font: int) -> dict[int, str]:
    """From the numbers of glyphs to what they mean."""
    found = re.search(rb"/ToUnicode (\d+) 0 R", objects[font])
    assert found
    cmap = _stream(objects[int(found[1])])
    pairs = re.findall(rb"<([0-9A-Fa-f]+)> <([0-9A-Fa-f]+)>\n", cmap.partition(b"beginbfchar")[2])
    return {int(glyph, 16): bytes.fromhex(sign.decode()).decode("utf-16-be") for glyph, sign in pairs}


def _stream(body: bytes) -> bytes:
    head, _, rest = body.partition(b"stream\n")
    data = rest.rsplit(b"\nendstream", 1)[0]
    return zlib.decompress(data) if b"FlateDecode" in head else data


def _shown(page: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
    said, font, wide = [], dict[int, str](), 2
    for name, many, one in SHOWN.findall(page):
        if name:
            font = fonts[name]
            continue
        for string in STRING.findall(many or one):
            codes = ESCAPE.sub(lambda found: _escaped(found[1]), string)
            said += [
                font.get(int.from_bytes(codes[at : at + wide], "big"), "□")
                for at in range(0, len(codes), wide)
            ]
    return "".join(said)


def _escaped(sign: bytes) -> bytes:
    return bytes([int(sign, 8)]) if sign.isdigit() else ESCAPES.get(sign, sign)
