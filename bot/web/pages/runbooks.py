"""What to do about each kind of alert, as pages."""

from __future__ import annotations

from markupsafe import Markup
from nicegui.elements.markdown import prepare_content

from agents.oncall.kinds import KINDS
from bot.present import runbook
from bot.web.site import Page, View, page


@page("/runbooks")
def runbooks(view: View) -> Page:
    kinds = [(kind.value, known.title, known.severity.value) for kind, known in KINDS.items()]
    return Page("Runbooks", view.render("runbooks.html", kinds=kinds))


@page("/runbooks/{kind}")
def one(view: View, kind: str) -> Page:
    found = runbook.kind_of(kind)
    shown = runbook.read(found)
    html = Markup(prepare_content(shown.text, ""))  # noqa: S704  our own page, which came with the code
    body = view.render("runbook.html", text=html, severity=KINDS[found].severity.value)
    return Page(shown.title, body)
