"""The console: whether it answers where people look for it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.doctor.finding import Finding, fail, ok, warn
from bot.doctor.patient import Patient

PATIENCE_S = 5.0


def console(patient: Patient) -> Iterator[Finding]:
    settings = patient.settings
    yield _answering("console", settings.address, "./troupe up", direct=True)
    if settings.public_url:
        remedy = "Look at PUBLIC_URL, and at what stands between it and this machine."
        yield _answering("public address", settings.public_url, remedy)


def openness(patient: Patient) -> Iterator[Finding]:
    """Beyond this machine, sign-in links and sessions should not travel in the open."""
    settings = patient.settings
    loopback = settings.host in ("localhost", "::1") or settings.host.startswith("127.")
    if loopback:
        yield ok("openness", f"Bound to {settings.host}: this machine alone, or a proxy on it")
    elif (settings.public_url or "").startswith("https://"):
        yield ok("openness", f"Bound to {settings.host}, reached by {settings.public_url}")
    else:
        remedy = "Put a proxy with TLS in front of it and set PUBLIC_URL=https://…"
        yield warn("openness", f"Open to the network at {settings.host}, without https.", remedy)


def _answering(name: str, address: str, remedy: str, *, direct: bool = False) -> Finding:
    """direct: past any proxy that the environment names, for what is on this machine."""
    import httpx

    try:
        answer = httpx.get(f"{address}/healthz", timeout=PATIENCE_S, trust_env=not direct)
    except httpx.HTTPError as error:
        return fail(name, f"Nobody answers at {address} ({type(error).__name__}).", remedy)
    if answer.status_code != 200 or "alive" not in answer.text:
        return fail(name, f"Something else than Troupe answers at {address} ({answer.status_code}).", remedy)
    return ok(name, f"Answers at {address}")


CHECKS = (console, openness)
