"""/metrics for Prometheus: this process's requests, and the installation's figures as the database has them now."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter, FastAPI, Request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agents.effects.effect import EffectState
from agents.errors import TroupeError
from agents.oncall.kinds import Severity
from agents.writing.post import State
from bot.web.api.access import admit
from bot.web.api.errors import refuse
from storage.figures import Figures
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from bot.wiring import Troupe

log = structlog.get_logger()
router = APIRouter(include_in_schema=False)

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
PERSONAS = 20
"""Personas with a series of their own; all others are one together, so that a large cast does not flood Prometheus."""
BEATS = timedelta(minutes=5)
"""Processes that were alive within this time are shown, with the age of their last sign of life."""
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


def install(app: FastAPI, troupe: Troupe) -> None:
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(Installation(troupe))
    app.state.metrics = registry
    app.add_middleware(Measured, registry=registry)
    app.include_router(router)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """For whoever asks from this machine itself, and for API keys from elsewhere."""
    if not from_this_machine(request):
        try:
            admit(request)
        except TroupeError as error:
            return refuse(request, error)
    return Response(generate_latest(request.app.state.metrics), media_type=CONTENT_TYPE_LATEST)


def from_this_machine(request: Request) -> bool:
    """Not through a proxy on this machine, and not by a page that lets its own name lead here (DNS rebinding)."""
    forwarded = any(name in request.headers for name in ("forwarded", "x-forwarded-for", "via", "origin"))
    peer = request.client.host if request.client else ""
    asked = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    return not forwarded and _is_loopback(peer) and (asked == "localhost" or _is_loopback(asked))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class Measured:
    """ASGI middleware: counts and times every request of this process, by the route's template and never by its path."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self._app = app
        labels = ("method", "route", "status")
        self._count = Counter("troupe_http_requests", "Requests answered.", labels, registry=registry)
        self._time = Histogram(
            "troupe_http_request_seconds",
            "From a request's first byte to its answer's last.",
            ("route",),
            registry=registry,
            buckets=BUCKETS_S,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            route = route_of(scope)
            method = scope["method"] if scope["method"] in METHODS else "other"
            self._count.labels(method, route, str(status)).inc()
            self._time.labels(route).observe(time.perf_counter() - begun)


def route_of(scope: Scope) -> str:
    """ "/api/cards/{kind}/{id}"; "other" for what no route of ours answered."""
    path = getattr(scope.get("route"), "path", "")
    return f"{scope.get('root_path', '')}{path}" if path else "other"


class Installation(Collector):
    """The figures of all processes together. One that cannot be had is left out, and `troupe_up` says of whom."""

    def __init__(self, troupe: Troupe) -> None:
        self._troupe = troupe

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("troupe_up", "Whether it answers: 1 or 0.", labels=["part"])
        for part, figures in (("database", self._of_database), ("redis", self._of_redis)):
            found = _tried(figures)
            up.add_metric([part], 1.0 if found else 0.0)
            yield from found
        yield up

    def _of_redis(self) -> list[Metric]:
        waiting = GaugeMetricFamily("troupe_queue_jobs", "Jobs rung and not begun.", labels=["queue"])
        for queue, length in self._troupe.bell.lengths().items():
            waiting.add_metric([queue], length)
        return [waiting]

    def _of_database(self) -> list[Metric]:
        with self._troupe.storage.reading() as work:
            figures = Figures(work.connection)
            return [
                _by("troupe_posts", "Posts by state.", "state", State, figures.posts()),
                _by(
                    "troupe_effects",
                    "Effects in the ledger by state.",
                    "state",
                    EffectState,
                    figures.effects(),
                ),
                _by(
                    "troupe_alerts_open", "Alerts not resolved.", "severity", Severity, figures.open_alerts()
                ),
                *_jobs(work, figures),
                *_processes(work),
                _spend(work, figures),
                GaugeMetricFamily(
                    "troupe_halted", "1 while /halt holds.", value=float(work.switches.halted is not None)
                ),
            ]


def _tried(figures: Callable[[], list[Metric]]) -> list[Metric]:
    try:
        return figures()
    except (SQLAlchemyError, RedisError, OSError) as error:
        log.warning("metrics.incomplete", error=type(error).__name__)
        return []


def _by(
    name: str, words: str, label: str, known: type[State | EffectState | Severity], counts: dict[str, int]
) -> Metric:
    """One series for each value there is, 0 included, so that an alert on it has something to look at."""
    family = GaugeMetricFamily(name, words, labels=[label])
    for value in known:
        family.add_metric([value.value], counts.get(value.value, 0))
    return family


def _jobs(work: UnitOfWork, figures: Figures) -> Iterator[Metric]:
    due, later = figures.jobs(work.now)
    yield GaugeMetricFamily("troupe_jobs_due", "Jobs that are due and not done.", value=due)
    yield GaugeMetricFamily("troupe_jobs_later", "Jobs and timers whose time is to come.", value=later)
    lag = work.jobs.lag(work.now).total_seconds()
    yield GaugeMetricFamily("troupe_jobs_lag_seconds", "How late the most overdue job is.", value=lag)


def _processes(work: UnitOfWork) -> Iterator[Metric]:
    age = GaugeMetricFamily(
        "troupe_process_beat_age_seconds", "Since a process's last sign of life.", labels=["kind", "process"]
    )
    rss = GaugeMetricFamily("troupe_process_rss_bytes", "Its resident memory.", labels=["kind", "process"])
    for beat in work.switches.beats(work.now - BEATS):
        labels = [beat.kind, beat.process]
        age.add_metric(labels, (work.now - beat.at).total_seconds())
        rss.add_metric(labels, float(beat.detail.get("rss_mib", 0)) * 2**20)
    yield age
    yield rss


def _spend(work: UnitOfWork, figures: Figures) -> Metric:
    dearest, total = figures.spend(work.now, most=PERSONAS)
    family = GaugeMetricFamily(
        "troupe_spend_month_dollars",
        "Spent on models this month (UTC); (others) is the rest.",
        labels=["persona"],
    )
    for persona, spent in {**dearest, "(others)": total - sum(dearest.values())}.items():
        family.add_metric([persona], spent / 1_000_000)
    return family
