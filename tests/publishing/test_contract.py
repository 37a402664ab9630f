"""One contract: the fake that the other tests trust, the stage on both databases, Bluesky on its own server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.publishing.platform import Account, Sent
from integrations.bluesky.connect import Connected, connect
from integrations.bluesky.publisher import BlueskyPublisher
from integrations.stage.publisher import StagePublisher
from storage.stage import Stage
from tests.bluesky.cast import Album, FileVault, clock, joined, open_door
from tests.publishing.fake import FakePublisher
from tests.publishing.publisher_contract import Opened, PublisherContract
from tests.servers.pds import Pds
from tests.storage.cast import account, opened, persona


@pytest.fixture(scope="module")
def connected(pds_process: Pds) -> Connected:
    pds_process.calm()
    account = pds_process.account("ada")
    return connect(pds_process.url, account.handle, account.app_password, door=open_door())


class TestFake(PublisherContract):
    @pytest.fixture
    def opened(self) -> Opened:
        fake = FakePublisher()
        somebody = Account("a1", "p1", "stage", "ada")
        return Opened(fake, somebody, lambda: fake.texts, lambda sent: fake.out[sent.ref].reply_to)


class TestStage(PublisherContract):
    @pytest.fixture
    def opened(self, database_url: str) -> Iterator[Opened]:
        storage = opened(database_url)
        with storage.unit_of_work() as work:
            ada = account(work, persona(work))
        stage = Stage(storage.engine)

        def parent(sent: Sent) -> str:
            post = stage.get(sent.ref)
            assert post is not None
            return post.reply_to

        publisher = StagePublisher(stage, "http://troupe.test")
        yield Opened(publisher, ada, lambda: [post.segment.text for post in stage.feed()], parent)
        storage.engine.dispose()


class TestBluesky(PublisherContract):
    @pytest.fixture
    def opened(self, pds: Pds, connected: Connected, tmp_path: Path) -> Iterator[Opened]:
        vault = FileVault(tmp_path)
        ada = joined(connected, vault)

        def texts() -> list[str]:
            return [record["value"]["text"] for record in pds.records(ada.external_id)]

        def parent(sent: Sent) -> str:
            record = pds.record(ada.external_id, sent.ref.rpartition("/")[2])
            assert record is not None
            return str(record["value"]["reply"]["parent"]["uri"]) if "reply" in record["value"] else ""

        publisher = BlueskyPublisher(vault, Album(), open_door(), clock, total_s=10.0)
        yield Opened(publisher, ada, texts, parent)
        publisher.close()
