"""The cast: everybody at a glance, and each one's profile, accounts, policy and budget."""

from __future__ import annotations

from dataclasses import dataclass

from agents.approvals.policy import Policy
from agents.errors import NotFound
from agents.events import Subject
from agents.money import dollars
from agents.people import Role
from agents.personas.persona import Persona, PersonaState, Profile
from agents.writing.post import State
from bot.platforms import RULES
from bot.web.site import Page, View, page

LATEST = 5


@dataclass(frozen=True, slots=True)
class Tile:
    persona: Persona
    accounts: str


@page("/personas")
def personas(view: View) -> Page:
    """Those who can be asked first, archived ones last."""
    order = list(PersonaState)
    tiles = [
        Tile(p, ", ".join(a.platform for a in view.work.accounts.of(p.id)) or "no account")
        for p in sorted(view.work.personas.all(), key=lambda p: (order.index(p.state), p.handle))
    ]
    return Page("Personas", view.render("personas.html", tiles=tiles))


@page("/personas/{handle}")
def persona(view: View, handle: str) -> Page:
    found = view.work.personas.by_handle(handle)
    spent = view.work.budgets.of(found, view.work.now)
    accounts = view.work.accounts.of(found.id)
    platforms = sorted({account.platform for account in accounts}) or [""]
    newest = view.work.posts.in_states(list(State), persona_id=found.id, limit=LATEST, oldest_first=False)
    body = view.render(
        "persona.html",
        persona=found,
        subject=Subject("persona", found.id),
        facts=list(_facts(found.profile).items()),
        accounts=accounts,
        policies=[(_platform(p), _policy(view.work.personas.policy(found.id, p), view)) for p in platforms],
        spent={
            "used": dollars(spent.spent),
            "limit": dollars(spent.limit),
            "reserved": dollars(spent.reserved) if spent.reserved else "",
            "share": min(100, round(100 * (spent.spent + spent.reserved) / spent.limit))
            if spent.limit
            else 100,
        },
        latest=newest,
        example=f'/post draft @{found.handle} "our new release" on stage',
    )
    return Page(found.name, body)


def _facts(profile: Profile) -> dict[str, str]:
    """What is set; what is empty is left out."""
    voice, rails = profile.voice, profile.guardrails
    facts = {
        "Tone": voice.tone,
        "Topics": ", ".join(voice.topics),
        "Language": voice.language,
        "Emoji": voice.emoji.value,
        "Hashtags": voice.hashtags.value,
        "Never says": ", ".join(voice.never_say),
        "Keeps away from": ", ".join(rails.topics_to_avoid),
        "Rules": "\n".join(rails.rules),
        "Says that an AI wrote": profile.disclosure_label
        if profile.disclosure.value == "label"
        else "no, a person reviews",
        "Time zone": profile.zone,
        "Models": ", ".join(profile.models) or "the team's own chain",
    }
    return {name: value for name, value in facts.items() if value}


def _platform(platform: str) -> str:
    return f"On {RULES[platform].name}" if platform in RULES else "Everywhere"


def _policy(policy: Policy, view: View) -> list[str]:
    names = [_name(id, view) for id in policy.approvers]
    who = (
        " or ".join(names)
        if names
        else f"any {policy.approver_role.value}{'' if policy.approver_role is Role.OWNER else ' or above'}"
    )
    lines = [f"{policy.quorum} of {who}", f"Veto: {policy.veto_role.value}"]
    lines += [f"Veto: {_name(id, view)}" for id in policy.vetoers]
    if not policy.requester_may_approve:
        lines.append("Not whoever asked for it")
    if policy.keys_may_decide:
        lines.append("API keys may decide")
    lines.append(f"Reminded after {policy.remind_after_hours} h, over after {policy.expires_after_hours} h")
    if policy.escalate_to:
        lines.append(f"Then {_name(policy.escalate_to, view)} is told")
    return lines


def _name(person_id: str, view: View) -> str:
    try:
        return view.work.people.get(person_id).name
    except NotFound:
        return "somebody who left"
