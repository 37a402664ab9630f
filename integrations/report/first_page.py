"""The first page of a PDF, drawn in a process of its own: `python -I first_page.py`, PDF in, PNG out.

The PDF is whatever a persona's commands made, and a few kilobytes of it can ask for any amount of memory: a million rectangles
ended the whole process (measured). So it is drawn where there is neither much of it nor any secret. Exits with 1, saying why, for
what is no PDF that can be shown.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

PREVIEW_DPI = 72
SHEET = """#set page(paper: "a4", margin: 0pt)
#image("given.pdf", width: 100%, height: 100%, fit: "contain")"""
CPU_S, MEMORY = 10, 1_500_000_000
"""Processor seconds and bytes of address space; an ordinary page takes 0.1 s and 120 MB."""


def drawn(pdf: bytes) -> bytes:
    import typst

    with TemporaryDirectory(prefix="preview-") as name:
        folder = Path(name)
        (folder / "given.pdf").write_bytes(pdf)
        (folder / "show.typ").write_text(SHEET)
        try:
            png, _ = typst.compile_with_warnings(
                folder / "show.typ", root=folder, format="png", ppi=PREVIEW_DPI
            )
        except typst.TypstError as error:
            sys.exit(str(error.message))
    return png if isinstance(png, bytes) else b""


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.buffer.write(drawn(sys.stdin.buffer.read()))
