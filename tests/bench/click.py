"""From a click on Approve to the card's new state on the screen of a real Chromium, while 49 other people decide too.

Beside it, in turns and in the same browser, a click on a NiceGUI page with nothing behind it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing

from playwright.sync_api import Browser, Page

from agents.approvals.policy import Policy
from agents.people import Role
from agents.talk.message import Channel
from bot.settings import load
from bot.wiring import Troupe
from tests.bench.clients import Others, deciding
from tests.bench.figures import Figure, Options, at_most
from tests.bench.house import Draft, House, furnish
from tests.bench.installation import bare_page, up
from tests.servers import browser

LIMIT_MS = 150
PEOPLE = 49
CLICKS, ON_A_PAGE, THEIRS = 100, 20, 10
"""Clicks measured, cards on one page, and how many more of the others stand there: a page begins with thirty messages."""
REST_S = 0.1
A_CLICK_S = 0.8
"""About what one click takes with its rest and its share of all else. The others get twice the buttons for that time, and some."""
PACES = (("each every 5 s", 5.0, LIMIT_MS), ("each every second", 1.0, None))
"""How often each of the others clicks. Five seconds is somebody who does nothing but decide; one second is nobody's pace,
and shows what is left."""
PATIENCE_MS = 10_000

PRESS = """({root, button, shown, patience_ms}) => new Promise((resolve, reject) => {
  const place = document.querySelector(root);
  const look = () => place.querySelector(shown)?.textContent;
  const before = look();
  const changes = new MutationObserver(() => {
    if (look() === before) return;
    changes.disconnect();
    requestAnimationFrame(() => resolve(performance.now() - begun));
  });
  changes.observe(place, {subtree: true, childList: true, characterData: true});
  setTimeout(() => reject(new Error(`nothing changed in ${root}`)), patience_ms);
  const begun = performance.now();
  place.querySelector(button).click();
})"""
"""ms until the text of `shown` is another one and about to be painted."""


def figures(options: Options) -> Iterator[Figure]:
    with (
        up() as installation,
        bare_page() as (bare, _),
        browser.running() as chromium,
        closing(Troupe(load(troupe_home=installation.home))) as troupe,
    ):
        home = furnish(troupe)
        keys = _people(home, options.count(PEOPLE))
        for pace, pace_s, limit in PACES:
            clicks = options.count(CLICKS if limit else CLICKS // 4)
            theirs = home.drafts(int(len(keys) * (8 + 2 * clicks * A_CLICK_S / pace_s)))
            with deciding(installation, keys, [d.approve for d in theirs], pace_s) as others:
                ours, peer = measure(home, chromium, (installation.address, bare), clicks, theirs)
            what = f"click to new card / bare NiceGUI, {len(keys)} others {pace}"
            yield at_most("click", what, ours, limit, bare=peer, note=_told(others))


def measure(
    home: House, chromium: Browser, addresses: tuple[str, str], clicks: int, theirs: Sequence[Draft]
) -> tuple[list[float], list[float]]:
    """ms of ours and of the bare page's, in turns."""
    ours: list[float] = []
    bare: list[float] = []
    with chromium.new_context() as context:
        console, page = context.new_page(), context.new_page()
        console.goto(addresses[0] + _sign_in(home))
        page.goto(addresses[1])
        _press(page, "body", "button", ".shown")
        while len(ours) < clicks:
            mine = home.drafts(min(ON_A_PAGE, clicks - len(ours)))
            console.goto(f"{addresses[0]}/c/{_channel(home, [*theirs[:THEIRS], *mine]).name}")
            console.wait_for_selector(_card(mine[-1]))
            for draft in mine:
                ours.append(_press(console, _card(draft), "[data-action^='post.approve:']", ".badge"))
                bare.append(_press(page, "body", "button", ".shown"))
    return ours, bare


def _press(page: Page, root: str, button: str, shown: str) -> float:
    page.bring_to_front()  # a page in the background is painted once a second
    time.sleep(REST_S)
    where = {"root": root, "button": button, "shown": shown, "patience_ms": PATIENCE_MS}
    return float(page.evaluate(PRESS, where))


def _card(draft: Draft) -> str:
    return f'.live[data-card="{draft.variant.subject}"]'


def _people(home: House, count: int) -> list[str]:
    """Their API keys. What Zoe writes may be decided by keys."""
    with home.troupe.storage.unit_of_work() as work:
        work.personas.set_policy(home.zoe.id, "", Policy(keys_may_decide=True))
        people = [work.people.add(f"Person {i}", Role.MANAGER, work.now) for i in range(count)]
        return [work.access.new_key(f"key {p.id}", p.id, Role.MANAGER, work.now) for p in people]


def _sign_in(home: House) -> str:
    with home.troupe.storage.unit_of_work() as work:
        return f"/sign-in/{work.access.new_code(home.alice.id, work.now)}"


def _channel(home: House, drafts: Sequence[Draft]) -> Channel:
    """A new one with a card for each."""
    with home.troupe.storage.unit_of_work() as work:
        channel = work.channels.add("console", f"round-{work.new_id()}", work.now)
        for draft in drafts:
            work.place(channel.id, draft.variant.subject)
        return channel


def _told(others: Others) -> str:
    if not others.ms:
        return "none of the others came to click"
    sample = others.sample
    return f"the others: {sample.n} clicks, {others.a_second:.0f} a second, answered in {sample.median:.0f} / {sample.p99:.0f} ms"
