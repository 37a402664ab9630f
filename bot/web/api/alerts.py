"""POST /api/alerts and /api/alerts/alertmanager: alerts that a team's own systems raise. GET /api/alerts.csv: all there were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal

from fastapi import APIRouter, Body, Query, Request
from pydantic import BaseModel, ConfigDict, Field, field_validator
from starlette.responses import Response

from agents.errors import Invalid, NotFound
from agents.oncall import outside
from agents.oncall.outside import SEVERITIES, Notice
from agents.people import Role
from agents.writing.length import clip
from bot.addresses import is_web
from bot.exports import alerts_csv
from bot.ports import Ports
from bot.web.api.access import Asking, Caller, troupe_of
from bot.web.api.bodies import KeyedRoute
from storage.unit_of_work import UnitOfWork

AT_ONCE = 50
"""Alerts taken in one transaction: on SQLite nobody else writes meanwhile."""
TITLE_LIMIT, TEXT_LIMIT, LINK_LIMIT = 200, 4000, 2000
"""Characters. A program that says more is cut where people see it: an alert is never refused for being long."""
WEEKS = 26
"""The furthest back that is exported at once."""


class AlertRoute(KeyedRoute):
    """Alertmanager and the like can send a key as the password of basic authentication too."""

    basic: ClassVar[bool] = True
    limit: ClassVar[int] = 8_000_000
    """Bytes: a thousand alerts with all of their labels and annotations."""


router = APIRouter(route_class=AlertRoute, tags=["Alerts"])
Labels = dict[str, str]
Word = Annotated[str, Field(max_length=1000)]


class AlertIn(BaseModel):
    """An alert of a system of your own."""

    model_config = ConfigDict(extra="forbid")
    title: str = Field(
        min_length=1,
        max_length=TITLE_LIMIT,
        description="What is wrong, in a few words.",
        examples=["The nightly backup failed"],
    )
    key: Word = Field(
        "",
        description="The same for the same thing, which is one alert however often it is sent; its title unless given.",
        examples=["backup"],
    )
    severity: str = Field(
        "medium", description=f"One of {', '.join(SEVERITIES)}.", examples=["high"], max_length=20
    )
    state: Literal["firing", "resolved"] = "firing"
    description: str = Field("", max_length=TEXT_LIMIT, description="What whoever is on call should know.")
    link: str = Field(
        "", max_length=LINK_LIMIT, description="A page that says more.", examples=["https://ci.example.com/7"]
    )
    runbook: str = Field("", max_length=LINK_LIMIT, description="The page that says what to do.")
    persona: Word = Field("", description="Handle of the persona whose work it concerns.", examples=["ada"])

    @field_validator("severity")
    @classmethod
    def known(cls, value: str) -> str:
        if value.lower() not in SEVERITIES:
            raise ValueError(f"it should be one of {', '.join(SEVERITIES)}")
        return value.lower()

    @field_validator("link", "runbook")
    @classmethod
    def web(cls, value: str) -> str:
        if value and not is_web(value, LINK_LIMIT):
            raise ValueError("it should be the address of a page and begin with https:// or http://")
        return value

    @field_validator("title")
    @classmethod
    def said(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("it should say something")
        return value.strip()


class AlertmanagerAlert(BaseModel):
    """One of the alerts of a notification; what is not named here is left alone."""

    status: Literal["firing", "resolved"]
    labels: Labels
    annotations: Labels = {}
    generator_url: str = Field("", alias="generatorURL")
    fingerprint: str = ""


class AlertmanagerIn(BaseModel):
    """A notification of Alertmanager (webhook_config)."""

    version: Literal["4"]
    alerts: list[AlertmanagerAlert] = Field(max_length=10_000)
    receiver: str = ""
    external_url: str = Field("", alias="externalURL")


class AlertsOut(BaseModel):
    """What became of them."""

    firing: int = Field(description="How many were raised or counted up.")
    resolved: int = Field(description="How many are over.")
    alerts: list[str] = Field(description="Ids of the alerts that are open now, each once.")
    correlation_id: str


_ONE: dict[str, Any] = {
    "firing": {
        "summary": "Something is wrong",
        "value": {
            "title": "The nightly backup failed",
            "key": "backup",
            "severity": "high",
            "description": "No space left on /srv/backup.",
            "link": "https://ci.example.com/7",
        },
    },
    "resolved": {
        "summary": "It is well again",
        "value": {"title": "The nightly backup", "key": "backup", "state": "resolved"},
    },
}


@router.post("/alerts", summary="Raise or resolve an alert")
def one(
    request: Request, caller: Asking, alert: Annotated[AlertIn, Body(openapi_examples=_ONE)]
) -> AlertsOut:
    """It becomes a card in the team's channels, and is escalated as Troupe's own are."""
    with troupe_of(request).storage.reading() as work:
        persona = work.personas.by_handle(alert.persona.removeprefix("@")).id if alert.persona else ""
    notice = Notice(
        key=f"own {alert.key or alert.title}",
        title=alert.title,
        firing=alert.state == "firing",
        severity=SEVERITIES[alert.severity],
        description=alert.description.strip(),
        link=alert.link,
        runbook=alert.runbook,
        persona_id=persona,
    )
    return _take([notice], caller.via, request, caller)


@router.post("/alerts/alertmanager", summary="For Prometheus Alertmanager: a webhook_config points here")
def from_alertmanager(request: Request, caller: Asking, sent: AlertmanagerIn) -> AlertsOut:
    """Version 4 of its webhook. The labels `severity` and `persona`, and the annotations `summary`, `description` and
    `runbook_url` are read; what cannot be read of them keeps no alert from being raised."""
    with troupe_of(request).storage.reading() as work:
        handles = {alert.labels.get("persona", "") for alert in sent.alerts} - {""}
        personas = {handle: _persona(handle, work) for handle in handles}
    notices = [_notice(alert, personas) for alert in sent.alerts]
    return _take(notices, "Alertmanager", request, caller)


@router.get("/alerts.csv", summary="The alerts of the last weeks, with their times", response_class=Response)
def exported(request: Request, caller: Asking, weeks: Annotated[int, Query(ge=1, le=WEEKS)] = 4) -> Response:
    """Oldest first; times in UTC."""
    with troupe_of(request).storage.reading() as work:
        text = alerts_csv(work.alerts.between(work.now - timedelta(weeks=weeks), work.now))
    return Response(text, media_type="text/csv; charset=utf-8")


def _take(notices: list[Notice], sender: str, request: Request, caller: Caller) -> AlertsOut:
    """In the order of their causes, so that two senders of the same alerts never wait for each other in a circle."""
    person, dispatcher, correlation = caller.person, troupe_of(request).dispatcher, request.state.correlation
    ordered, open_now = sorted(notices, key=lambda notice: notice.subject), dict[str, None]()
    for begin in range(0, len(ordered), AT_ONCE):

        def take(ports: Ports, some: Sequence[Notice] = ordered[begin : begin + AT_ONCE]) -> list[str]:
            person.must_be(Role.EDITOR, "raise alerts")
            taken = [outside.take(notice, sender, ports.work) for notice in some]
            return [alert.id for alert in taken if alert is not None]

        ids = dispatcher.act(take, person, "alert.refused", via=caller.via, correlation=correlation)
        open_now |= dict.fromkeys(ids)
    firing = sum(notice.firing for notice in notices)
    return AlertsOut(
        firing=firing, resolved=len(notices) - firing, alerts=list(open_now), correlation_id=correlation
    )


def _notice(alert: AlertmanagerAlert, personas: Mapping[str, str]) -> Notice:
    labels, notes = alert.labels, alert.annotations
    name = labels.get("alertname", "") or "An alert without a name"
    summary = notes.get("summary", "") or notes.get("message", "")
    described = notes.get("description", "")
    runbook = notes.get("runbook_url", "") or notes.get("runbook", "")
    return Notice(
        key=f"alertmanager {alert.fingerprint or sorted(labels.items())}",
        title=clip(name, TITLE_LIMIT),
        firing=alert.status == "firing",
        severity=SEVERITIES.get(labels.get("severity", "").strip().lower()),
        description=clip("\n".join(dict.fromkeys(filter(None, (summary, described)))), TEXT_LIMIT),
        link=alert.generator_url if is_web(alert.generator_url, LINK_LIMIT) else "",
        runbook=runbook if is_web(runbook, LINK_LIMIT) else "",
        persona_id=personas.get(labels.get("persona", ""), ""),
    )


def _persona(handle: str, work: UnitOfWork) -> str:
    """ "" for nobody: an alert must not be lost over a label that is mistyped."""
    try:
        return work.personas.by_handle(handle.removeprefix("@").lower()).id
    except (NotFound, Invalid):
        return ""
