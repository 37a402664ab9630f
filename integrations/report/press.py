"""Prints reports: the one template, and the report as JSON beside it. Nothing that anybody wrote becomes typst code.

The compiler sees a folder of its own with the template and the pictures, and nothing else of this machine but its fonts.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from agents.errors import Invalid
from agents.tasks.artifact import Source
from agents.tasks.toolbox.document import Part, Printed, Report
from agents.tasks.tools import ToolFailed
from integrations.images.prepare import fit
from integrations.report import first_page
from integrations.report.first_page import PREVIEW_DPI

TEMPLATE = Path(__file__).with_name("report.typ")
WIDE_CM, HIGH_CM, PER_CM = 16.0, 12.0, 96 / 2.54
"""How large a picture may be, and its pixels to the centimetre where it is smaller."""
DRAWN_S = 15.0
"""By the clock; the process that draws limits its processor time and memory itself."""
SCRIPTS = {
    "Chinese and Japanese characters": (re.compile("[\u3040-\u30ff\u3400-\u9fff]"), re.compile("CJK|Han|Ming|Gothic|Noto Sans [JST]C|Hei|WenQuan|Droid Sans Fallback", re.I)),
    "Korean characters": (re.compile("[\uac00-\ud7af]"), re.compile("CJK|KR|Korea|Nanum|Batang|Malgun", re.I)),
    "Arabic characters": (re.compile("[\u0600-\u06ff]"), re.compile("Arab|DejaVu Sans$|Naskh|Kufi|Amiri", re.I)),
    "Devanagari": (re.compile("[\u0900-\u097f]"), re.compile("Devanagari|Lohit|Mangal", re.I)),
    "emoji": (re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]"), re.compile("Emoji|Symbola|Symbols", re.I)),
}  # fmt: skip
"""What the fonts that typst brings do not have, and the names of fonts that do."""


class TypstPress:
    def print(self, report: Report) -> Printed:
        import typst

        with TemporaryDirectory(prefix="report-") as name:
            folder = Path(name)
            (folder / TEMPLATE.name).write_bytes(TEMPLATE.read_bytes())
            text = json.dumps(_data(report, folder), ensure_ascii=False)
            compiler = typst.Compiler(root=name, sys_inputs={"data": text})
            main = folder / TEMPLATE.name
            try:
                pdf, _ = compiler.compile_with_warnings(
                    main, format="pdf", timestamp=report.at.replace(microsecond=0)
                )
                drawn, _ = compiler.compile_with_warnings(main, format="png", ppi=PREVIEW_DPI)
            except typst.TypstError as error:
                raise ToolFailed(f"The report cannot be set: {error.message}.") from error
        pages = drawn if isinstance(drawn, list) else [drawn]
        if not isinstance(pdf, bytes) or not isinstance(pages[0], bytes):
            raise ToolFailed("The report cannot be set: nothing came of it.")
        return Printed(pdf, pages[0], len(pages), tuple(_lacking(text)))

    def first_page(self, pdf: bytes) -> bytes:
        """The first page of any PDF as PNG. Raises ToolFailed for what is none, or asks for too much."""
        argv = [sys.executable, "-I", first_page.__file__]
        try:
            ended = subprocess.run(argv, input=pdf, capture_output=True, env={}, timeout=DRAWN_S)  # noqa: S603  our own program
        except subprocess.TimeoutExpired as error:
            raise ToolFailed("This PDF cannot be shown: it takes too long.") from error
        if ended.returncode or not ended.stdout:
            said = ended.stderr.decode(errors="replace").strip() if ended.returncode == 1 else ""
            raise ToolFailed(f"This PDF cannot be shown: {said[-300:] or 'it asks for too much'}.")
        return ended.stdout


def _data(report: Report, folder: Path) -> dict[str, Any]:
    return {
        "title": report.title,
        "author": report.author,
        "date": f"{report.at.day} {report.at:%B %Y}",
        "parts": [_part(part, folder, number) for number, part in enumerate(report.parts)],
        "sources": [_source(source) for source in report.sources],
    }


def _part(part: Part, folder: Path, number: int) -> dict[str, Any]:
    picture = _picture(part, folder, number) if part.picture else None
    return {**asdict(part), "picture": picture}


def _picture(part: Part, folder: Path, number: int) -> dict[str, Any]:
    """Decoded and made anew, so that the compiler meets no file that a stranger made."""
    try:
        fitted = fit(part.picture)
    except Invalid as error:
        raise ToolFailed(f"The picture of “{part.heading}” cannot be used: {error}") from error
    name = f"picture-{number}.{'png' if fitted.kind == 'image/png' else 'jpg'}"
    (folder / name).write_bytes(fitted.data)
    width = min(WIDE_CM, fitted.width / PER_CM, HIGH_CM * fitted.width / fitted.height)
    return {"path": name, "width": width}


def _source(source: Source) -> dict[str, str]:
    return {
        "number": str(source.number),
        "title": source.title,
        "url": source.url,
        "read": f"{source.accessed_at:%Y-%m-%d %H:%M} UTC",
    }


def _lacking(text: str) -> Iterator[str]:
    for words, (signs, fonts) in SCRIPTS.items():
        if signs.search(text) and not any(map(fonts.search, _families())):
            yield words


@cache
def _families() -> tuple[str, ...]:
    import typst

    return tuple(typst.Fonts().families())
