"""The whole story: an installation, posts that people approve, kills all the while, and the count at the end."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import func, select

from agents.events import Subject
from agents.writing.post import State
from bot import wiring
from bot.platforms import BLUESKY, STAGE
from bot.settings import load
from bot.wiring import Troupe
from storage.tables import VariantRow
from tests.chaos import count
from tests.chaos.killer import Killer
from tests.chaos.posts import Planned, approve, plan
from tests.servers.pds import Account, Pds
from tests.system.process import Loopback
from tests.system.troupe import Running, up

APPROVED_EVERY_S = 0.15
"""On average; in bursts and pauses."""
KILLED_UNTIL = 0.8
"""The share of posts that are out when the killing stops; it stops earlier after half as many kills as posts."""
FAR_AWAY_S = 0.4
"""What the PDS takes to answer, as one across the sea: a worker is killed more often between sending and noting."""
A_POST_S, SETTLE_S = 1.5, 150.0
"""How long it may take: for each post, and for all of them after the last kill."""
LOOK_S = 0.25


@dataclass(frozen=True)
class Outcome:
    """kills: by kind.  taken_over: posts whose first worker did not live to note the end.  unanswered: presses of Approve.
    duplicates, missing: segments.  wrong: everything that is not as it should be, with ids; those two included."""

    seed: int
    posts: int
    segments: int
    took_s: float
    kills: Mapping[str, int]
    taken_over: int
    unanswered: int
    duplicates: int
    missing: int
    wrong: tuple[str, ...]

    @property
    def well(self) -> bool:
        return not (self.duplicates or self.missing or self.wrong)

    def __str__(self) -> str:
        kills = ", ".join(f"{kind} {times}" for kind, times in sorted(self.kills.items()))
        return "\n".join(
            (
                f"{self.posts} posts of {self.segments} segments in {self.took_s:.0f} s, seed {self.seed}",
                f"killed {sum(self.kills.values())} times: {kills}",
                f"{self.taken_over} posts taken over by another worker, {self.unanswered} approvals not answered",
                f"duplicates {self.duplicates}, missing {self.missing}, wrong {len(self.wrong)}",
                *self.wrong,
            )
        )


def run(
    posts: int,
    *,
    seed: int,
    kill_every_s: float,
    home: Path,
    pds: Pds,
    database_url: str | None,
    progress: Callable[[str], None],
) -> Outcome:
    """posts: ≥ 8, half on the stage, half on Bluesky.  kill_every_s: > 0, on average.  home: an empty folder.
    database_url: an empty database, None for SQLite in `home`.

    Raises AssertionError if the installation does not start, or if nobody answers for a minute.
    """
    account = pds.account("ada")
    chosen = {"DATABASE_URL": database_url} if database_url else {}
    with up(home, WORKERS="2", **chosen) as running:
        troupe = _troupe(home, database_url)
        planned = _prepare(posts, account, pds, running, troupe)
        progress(f"{posts} posts wait for approval")
        pds.relay.slow(FAR_AWAY_S)
        killer, begun = Killer(running, seed, kill_every_s, most=posts // 2), time.monotonic()
        with running.api() as api, killer.at_work():
            watch = Watch(planned, troupe, killer, progress)
            unanswered = _approve_all(planned, api, seed, watch)
            watch.until_out(begun + posts * A_POST_S + SETTLE_S)
        took_s = time.monotonic() - begun
        pds.relay.calm()
        out = {
            STAGE.platform: count.on_stage(troupe.stage),
            BLUESKY.platform: count.on_bluesky(pds, account.did),
        }
        counted = count.outside(planned, out)
        with troupe.storage.reading() as work:
            wrong = (*counted.wrong, *count.inside(planned, out, work))
            efforts = [
                effect.attempts for post in planned for effect in work.effects.about(Subject("post", post.id))
            ]
    troupe.close()
    return Outcome(
        seed=seed,
        posts=posts,
        segments=sum(len(post.texts) for post in planned),
        took_s=took_s,
        kills=dict(killer.kills),
        taken_over=sum(tries > 1 for tries in efforts),
        unanswered=unanswered,
        duplicates=counted.duplicates,
        missing=counted.missing,
        wrong=wrong,
    )


def _troupe(home: Path, database_url: str | None) -> Troupe:
    """The driver's own way to the same database and the same vault."""
    chosen = {"database_url": database_url} if database_url else {}
    return wiring.build(load(_env_file=None, troupe_home=home, **chosen), resolver=Loopback())


def _prepare(posts: int, account: Account, pds: Pds, running: Running, troupe: Troupe) -> list[Planned]:
    words = ["connect", "bluesky", "--persona", "ada", "--handle", account.handle, "--pds", pds.url]
    running.troupe(*words, stdin=f"{account.app_password}\n")
    running.troupe("say", "/persona policy @ada keys yes")
    with troupe.storage.reading() as work:
        ada = work.personas.by_handle("ada")
        accounts = [work.accounts.on(ada.id, platform.platform) for platform in (STAGE, BLUESKY)]
    return plan(posts, accounts, troupe.storage)


def _approve_all(planned: Sequence[Planned], api: httpx.Client, seed: int, watch: Watch) -> int:
    """How many presses nobody answered."""
    pauses = random.Random(seed + 1)  # to be repeated, not to be guessed
    unanswered = 0
    for post in planned:
        time.sleep(pauses.expovariate(1 / APPROVED_EVERY_S))
        unanswered += approve(post, api)
        watch.look()
    return unanswered


@dataclass
class Watch:
    """Sees how far it is, tells it, and ends the killing in time."""

    planned: Sequence[Planned]
    troupe: Troupe
    killer: Killer
    tell: Callable[[str], None]
    told: int = 0

    def until_out(self, until: float) -> None:
        """Returns when all are out and nothing more is owed about them, or at `until` on the monotonic clock."""
        while time.monotonic() < until and not (self.look() == len(self.planned) and self._settled()):
            time.sleep(LOOK_S)

    def look(self) -> int:
        """How many are out."""
        ids, state = [post.id for post in self.planned], VariantRow.state
        query = select(func.count()).where(VariantRow.id.in_(ids), state == State.PUBLISHED.value)
        with self.troupe.storage.reading() as work:
            out: int = work.connection.execute(query).scalar_one()
        if out >= KILLED_UNTIL * len(ids):
            self.killer.stop()
        if out >= self.told + len(ids) / 10:
            self.told = out
            self.tell(f"{out} of {len(ids)} are out, {sum(self.killer.kills.values())} kills")
        return out

    def _settled(self) -> bool:
        with self.troupe.storage.reading() as work:
            return not count.owed(self.planned, work)
