"""The one module that knows all the concrete classes. What is heavy is built when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from agents.jobs import LEASES, Queue
from agents.money import from_dollars
from agents.people import Person
from agents.personas.avatar import face
from agents.publishing.platform import Account, Publisher, Rules
from bot import commands, logs, pictures
from bot.dispatch import Dispatcher
from bot.platforms import BLUESKY, RULES, STAGE
from bot.ports import Connected, Ports
from bot.settings import Settings, load_or_exit
from integrations import queue
from storage import secrets
from storage.accounts import Vault
from storage.checkpoints import Checkpoints
from storage.columns import new_id
from storage.database import connect
from storage.pictures import PictureBytes
from storage.stage import Stage
from storage.unit_of_work import Committed, Storage

if TYPE_CHECKING:
    from agents.personas.persona import Persona, Profile
    from agents.tasks.artifact import Artifact
    from agents.tasks.task import Task
    from agents.writing.writer import Writer
    from integrations.bluesky.publisher import BlueskyPublisher
    from integrations.github.hub import GitHub
    from integrations.http.door import Door
    from integrations.http.resolve import Resolver
    from integrations.letters import Letters
    from integrations.llm.build import Access
    from integrations.llm.chain import Chain
    from integrations.llm.moderation import Moderator
    from integrations.mail import Mailer
    from integrations.webhooks import Webhooks
    from integrations.workspace.workspace import TaskWorkspace
    from integrations.workspace.workspaces import Workspaces


class Images:
    """Pictures made fit for every platform that we publish on."""

    def prepare(self, data: bytes) -> tuple[bytes, str, int, int]:
        from integrations.images.prepare import fit

        fitted = fit(data)
        return fitted.data, fitted.kind, fitted.width, fitted.height


@dataclass(frozen=True)
class Troupe:
    """One process's Troupe.

    resolver: None but in tests, which vouch for servers on loopback through it.
    leases: tests take shorter ones, to see sooner what becomes of a worker's job when it died.
    rings_aside: for processes that answer many at once, and never fork.
    """

    settings: Settings
    resolver: Resolver | None = None
    leases: Mapping[Queue, timedelta] = field(default_factory=lambda: LEASES)
    rings_aside: bool = False

    @cached_property
    def storage(self) -> Storage:
        box = secrets.Box(self._keys)
        team = self.settings.team_monthly_budget_usd
        limit = None if team is None else from_dollars(team)
        engine = connect(self.settings.database_url)
        return Storage(engine, box, self.clock, self._ring, team_budget=limit)

    @cached_property
    def bell(self) -> queue.Bell | queue.Aside:
        bell = queue.Bell(queue.connect(self.settings.redis_url))
        return queue.Aside(bell) if self.rings_aside else bell

    @cached_property
    def dispatcher(self) -> Dispatcher:
        commands.load()
        return Dispatcher(self.open_ports, new_id)

    @cached_property
    def vault(self) -> Vault:
        return Vault(self.storage.engine, self.storage.box, self.clock)

    @cached_property
    def pictures(self) -> PictureBytes:
        return PictureBytes(self.storage.engine)

    @cached_property
    def stage(self) -> Stage:
        return Stage(self.storage.engine)

    @cached_property
    def door(self) -> Door:
        """For pages: the two ports of the web."""
        from integrations.http.door import Door

        return Door(self.resolver)

    @cached_property
    def any_port_door(self) -> Door:
        """For servers that a person named (a PDS may answer anywhere), under the same guard."""
        from integrations.http.door import Door

        return Door(self.resolver, ports=None)

    @cached_property
    def publishers(self) -> Mapping[str, Publisher]:
        from integrations.stage.publisher import StagePublisher

        return {
            STAGE.platform: StagePublisher(self.stage, self.public_url),
            BLUESKY.platform: self.bluesky,
        }

    @cached_property
    def bluesky(self) -> BlueskyPublisher:
        from integrations.bluesky.publisher import BlueskyPublisher

        return BlueskyPublisher(self.vault, self.pictures, self.any_port_door, self.clock)

    @cached_property
    def mailer(self) -> Mailer | None:
        """None while no mail server is set."""
        settings = self.settings
        if settings.smtp_url is None or settings.smtp_from is None:
            return None
        from integrations.mail import Mailer
        from integrations.mail_server import Server

        return Mailer(Server.parse(settings.smtp_url), settings.smtp_from)

    @cached_property
    def webhooks(self) -> Webhooks:
        from integrations.webhooks import Webhooks

        return Webhooks(self.any_port_door)

    @cached_property
    def moderator(self) -> Moderator | None:
        from integrations.llm.moderation import moderator

        return moderator(self._secret("openai_api_key"), self.settings.openai_base_url)

    @cached_property
    def workspaces(self) -> Workspaces:
        """The folders of all tasks."""
        from integrations.workspace.installer import Installer
        from integrations.workspace.workspaces import Workspaces

        installer = Installer(self.settings.task_packages, self.settings.task_package_index)
        return Workspaces(self.settings.troupe_home, installer=installer)

    def workspace(self, task: Task) -> TaskWorkspace:
        """The same for all of one task; made if it is not there."""
        return self.workspaces.of(task)

    @cached_property
    def task_adapters(self) -> Mapping[str, Any]:
        """What personas at work reach the outside with, by name: only what this installation has."""
        from integrations.report.press import TypstPress
        from integrations.web.web import Web

        found: dict[str, Any] = {
            "web": Web(self.door),
            "report": TypstPress(),
            "github": self.github,
            "mail": self.letters,
        }
        found["github_repos"] = self.settings.github_repos or None
        return {name: adapter for name, adapter in found.items() if adapter is not None}

    @cached_property
    def github(self) -> GitHub | None:
        """None while no token is set."""
        from integrations.github.hub import GitHub

        token, home = self._secret("github_token"), self.settings.troupe_home / "github"
        return GitHub(self.settings.github_api_url, token, home) if token else None

    @cached_property
    def letters(self) -> Letters | None:
        """What personas send by e-mail. None while no mail server is set."""
        if self.mailer is None:
            return None
        from integrations import letters
        from integrations.mail import Mailer

        mailer = Mailer(self.mailer.server, self.mailer.sender, total_s=letters.TOTAL_S)
        return letters.Letters(mailer, self.settings.task_email_domains, self._is_known)

    def _is_known(self, email: str) -> bool:
        with self.storage.reading() as work:
            return work.contacts.is_known(email)

    @property
    def images(self) -> Images:
        return Images()

    @property
    def rules(self) -> Mapping[str, Rules]:
        return RULES

    @property
    def redis_url(self) -> str:
        return self.settings.redis_url

    @property
    def public_url(self) -> str:
        return self.settings.link_base

    def clock(self) -> datetime:
        return datetime.now(UTC)

    def face(self, persona: Persona) -> bytes:
        """A square PNG: its picture, or one made from its name."""
        from integrations.images.face import face_png, square_png

        if persona.avatar:
            return square_png(self.pictures.with_kind(persona.avatar)[0])
        return face_png(face(persona.name))

    def handed_over(self, id: str) -> tuple[Artifact, bytes]:
        """A file that a task handed over. Raises NotFound for one whose place a newer one took."""
        with self.storage.reading() as work:
            return work.artifacts.get(id), work.artifacts.data(id)

    def keep_picture(self, data: bytes, person: Person) -> str:
        """Raises Invalid for what is no picture, Forbidden to viewers."""
        return pictures.keep(data, person, self.images, self.storage)

    def writer(self, profile: Profile) -> Writer:
        """The persona's own chain of models. Loads LangChain at its first call: for workers only."""
        return self.chain(profile.models)

    def chain(self, models: Sequence[str] = ()) -> Chain:
        """models: links as a persona names them; the team's own unless given."""
        from integrations.llm.build import build_chain

        return build_chain(self.access, models)

    @property
    def access(self) -> Access:
        """What there are keys for."""
        from integrations.llm.build import Access

        return Access(
            self._secret("openai_api_key"),
            self.settings.openai_base_url,
            self.settings.openai_model,
            self._secret("openrouter_api_key"),
        )

    @cached_property
    def checkpoints(self) -> Checkpoints:
        """Where tasks are remembered step by step. Not to be asked for before a fork."""
        return Checkpoints(self.settings.database_url)

    def close(self) -> None:
        """Lets go of the connections to the database and to platforms. Whatever is used afterwards opens anew."""
        made = vars(self)
        if "bluesky" in made:
            self.bluesky.close()
        if "checkpoints" in made:
            self.checkpoints.close()
        if "storage" in made:
            self.storage.engine.dispose()

    @contextmanager
    def open_ports(self, correlation: str) -> Iterator[Ports]:
        """One unit of work with everything a handler may need; commits when the block ends well."""
        with self.storage.unit_of_work(correlation=correlation) as work:
            yield Ports(
                work=work,
                rules=RULES,
                moderated=self.moderator is not None,
                connectors={BLUESKY.platform: self.connect_bluesky},
                images=self.images,
                public_url=self.public_url,
                mail_misses=self.settings.mail_misses,
            )

    def connect_bluesky(self, values: Mapping[str, str]) -> Connected:
        from integrations.bluesky.connect import connect as sign_in

        found = sign_in(
            values.get("base_url", ""),
            values.get("handle", ""),
            values.get("app_password", ""),
            door=self.any_port_door,
        )
        return Connected(found.handle, found.external_id, found.base_url, dict(found.credentials))

    def look_at_bluesky(self, account: Account) -> str:
        """Asks the account's server whether its session lives. The handle by which it is known there now."""
        from integrations.bluesky.look import look

        return look(account, self.vault, self.any_port_door, self.clock)

    def _ring(self, committed: Committed) -> None:
        self.bell.ring(committed.subjects, ((owed.id, owed.job.queue) for owed in committed.owed))

    def _keys(self) -> list[str]:
        """The keys that seal credentials; from here on no log shows them."""
        keys = secrets.keys_from(self._secret_keys, self.settings.troupe_home)
        for key in keys:
            logs.redact(key)
        return keys

    @property
    def _secret_keys(self) -> str:
        keys = self.settings.troupe_secret_keys
        return keys.get_secret_value() if keys else ""

    def _secret(self, name: str) -> str:
        value = getattr(self.settings, name)
        return value.get_secret_value() if value else ""


_process: Troupe | None = None


def build(settings: Settings, *, resolver: Resolver | None = None, rings_aside: bool = False) -> Troupe:
    """Connects to nothing yet. Known secrets are kept out of the log from here on."""
    for secret in settings.secrets():
        logs.redact(secret)
    return Troupe(settings, resolver, rings_aside=rings_aside)


def use(troupe: Troupe) -> Troupe:
    """Makes it this process's own, for what has no other way to reach it: RQ calls jobs by name alone."""
    global _process
    _process = troupe
    return troupe


def process() -> Troupe:
    """This process's Troupe, from the settings unless somebody said `use`."""
    return _process or use(build(load_or_exit()))
