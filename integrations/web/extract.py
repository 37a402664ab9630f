"""The readable part of a page, taken out in a process of its own: `python -I extract.py URL`, HTML in, JSON out.

A hostile page can make any extractor work for minutes (1.8 MB of <p> and <b> kept trafilatura busy for 70 s, measured) or
fill the memory, and the parser is C. So it runs here: no secrets in the environment, no time, no memory to speak of.
What a style sheet hides is not known here; what the page itself says is hidden is left out.
"""

from __future__ import annotations

import json
import re
import resource
import sys
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]  # ships no types

CPU_S, MEMORY = 10, 1_500_000_000
"""Processor seconds and bytes of address space; a page of 3 MB of ordinary text takes 2 s and 400 MB."""
UNSEEN = (
    "//script|//style|//template|//noscript|//iframe|//object|//comment()|//*[@hidden]|//dialog[not(@open)]"
)
INVISIBLE = re.compile(
    r"display:none|visibility:(hidden|collapse)|opacity:0(\.0+)?(;|$|!)|font-size:0|color:transparent"
    r"|(text-indent|left|top|right|bottom|margin(-left|-top)?):-\d{3,}|clip:rect\(0|clip-path:inset\((50|100)%"
    r"|transform:scale\(0"
)
"""Within a style attribute without its spaces."""


def read(html: str, url: str) -> dict[str, str]:
    """title: "" where there is none.  text: Markdown with its links, "" where nothing can be read."""
    from trafilatura import extract, html2txt, load_html

    tree = load_html(html)
    if tree is None:
        return {"title": "", "text": ""}
    for node in tree.xpath(UNSEEN) + [e for e in tree.xpath("//*[@style]") if _is_hidden(e)]:
        if node.getparent() is not None:
            node.drop_tree()
    for link in tree.xpath("//a[@href]"):
        _keep_web_address(link, url)
    title = " ".join((tree.findtext(".//title") or tree.findtext(".//h1") or "").split())
    text = extract(
        tree,
        url=url,
        output_format="markdown",
        include_links=True,
        include_formatting=True,
        include_comments=False,
        favor_recall=True,
    )
    return {"title": title, "text": text or html2txt(tree)}


def _is_hidden(element: HtmlElement) -> bool:
    return bool(INVISIBLE.search("".join(element.get("style").lower().split())))


def _keep_web_address(link: HtmlElement, url: str) -> None:
    try:
        target = urljoin(url, link.get("href"))
        is_web = urlsplit(target).scheme in ("http", "https")
    except ValueError:
        is_web = False
    if is_web:
        link.set("href", target)
    else:
        link.attrib.pop("href")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    page = read(sys.stdin.buffer.read().decode(errors="replace"), sys.argv[1])
    sys.stdout.buffer.write(json.dumps(page).encode())
