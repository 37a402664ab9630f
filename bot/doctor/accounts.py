"""The accounts of personas: each platform is really asked whether it would let us in. Nothing signs in."""

from __future__ import annotations

from collections.abc import Iterator

from agents.personas.persona import PersonaState
from agents.publishing.platform import Account, PublishError, SignInNeeded
from bot.doctor.finding import Finding, fail, ok, warn
from bot.doctor.patient import Patient
from bot.platforms import BLUESKY, STAGE


def accounts(patient: Patient) -> Iterator[Finding]:
    with patient.reading() as work:
        personas = [p for p in work.personas.all() if p.state is not PersonaState.ARCHIVED]
        owned = [
            (persona.handle, account) for persona in personas for account in work.accounts.of(persona.id)
        ]
    outside = [(persona, account) for persona, account in owned if account.platform != STAGE.platform]
    if not outside:
        words = "Only the stage, which is built in"
        yield ok(
            "accounts", words, "./troupe connect bluesky --persona NAME --handle HANDLE connects Bluesky."
        )
    for persona, account in outside:
        yield _looked_at(persona, account, patient)


def _looked_at(persona: str, account: Account, patient: Patient) -> Finding:
    name = f"@{persona} on {account.platform}"
    again = f"./troupe connect {account.platform} --persona {persona} --handle {account.handle}"
    if account.base_url:
        again += f" --pds {account.base_url}"
    if account.platform != BLUESKY.platform:
        return warn(name, "This version cannot ask that platform.", "Look there yourself.")
    try:
        known_as = patient.troupe.look_at_bluesky(account)
    except SignInNeeded as error:
        return fail(name, error.what, again)
    except PublishError as error:
        return fail(name, error.what, f"Look whether {account.base_url} answers; what is due waits for it.")
    if known_as not in (account.handle, "handle.invalid"):
        return warn(
            name, f"The session lives; the handle there is {known_as} now, not {account.handle}.", again
        )
    return ok(name, f"{account.base_url} knows {account.handle}, and its session lives")


CHECKS = (accounts,)
