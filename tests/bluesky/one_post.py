"""python -m tests.bluesky.one_post VAULT BASE_URL HANDLE DID: a process of its own sends one post, prints its URI."""

from __future__ import annotations

import sys
from pathlib import Path

from agents.publishing.platform import Account
from agents.writing.content import Content, Segment
from integrations.bluesky.publisher import BlueskyPublisher
from tests.bluesky.cast import Album, FileVault, clock, open_door

vault, base_url, handle, did = sys.argv[1:]
publisher = BlueskyPublisher(FileVault(Path(vault)), Album(), open_door(), clock)
account = Account(handle, "persona", "bluesky", handle, base_url, did)
content = Content((Segment("From a process of its own"),))
(plan,) = publisher.mint(content, clock())
print(publisher.send(account, content, plan, []).ref)
