"""The HTTP API for programs, under /api, and the figures for Prometheus at /metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI

    from bot.wiring import Troupe


def install(app: FastAPI, troupe: Troupe) -> None:
    """Adds both to the console's application. To be called before anything is added that answers every path."""
    from bot.web.api import metrics
    from bot.web.api.app import make
    from bot.web.api.limits import Limits

    app.state.troupe, app.state.limits = troupe, Limits(troupe.redis_url)
    app.mount("/api", make(troupe, app.state.limits))
    metrics.install(app, troupe)
