"""Posts on Bluesky, or on any other PDS, once and only once: the record's key is ours, minted before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import ClassVar
from urllib.parse import quote, urlencode, urlsplit

from agents.clock import Clock
from agents.errors import TroupeError
from agents.publishing.platform import (
    Account,
    Minted,
    OutcomeUnknown,
    Pictures,
    Rejected,
    Rules,
    Sent,
    Vault,
)
from agents.writing.content import Content, Picture, Segment
from integrations.bluesky.facets import mentioned
from integrations.bluesky.failures import CallFailed
from integrations.bluesky.outcomes import NOTHING_OUT, outcomes
from integrations.bluesky.records import COLLECTION, Blob, post_record
from integrations.bluesky.rules import RULES
from integrations.bluesky.session import Session
from integrations.bluesky.tid import mint
from integrations.bluesky.xrpc import TOTAL_S, Door, Pds, Servers, Written

BETWEEN_SEGMENTS = timedelta(milliseconds=1)
"""Feeds are sorted by `createdAt` to the millisecond."""

STILL_UP = "The post is still up."
UNPROVEN = "The post was taken down; whether it is gone could not be seen."
REPLACE = "Edit the post, add the picture again, and have it approved."


class BlueskyPublisher:
    """Implements agents.publishing.platform.Publisher. Threads may share one; connections are kept until `close`.

    total_s: > 0, the longest that one call to a server may take.
    """

    idempotent: ClassVar[bool] = True

    def __init__(
        self, vault: Vault, pictures: Pictures, door: Door, clock: Clock, *, total_s: float = TOTAL_S
    ) -> None:
        self.rules: Rules = RULES
        self._vault = vault
        self._pictures = pictures
        self._clock = clock
        self._servers = Servers(door, total_s=total_s)

    def close(self) -> None:
        self._servers.close()

    def mint(self, content: Content, now: datetime) -> tuple[Minted, ...]:
        minted = (mint(now + position * BETWEEN_SEGMENTS) for position in range(len(content.segments)))
        return tuple(Minted(position, key, moment) for position, (key, moment) in enumerate(minted))

    def send(self, account: Account, content: Content, plan: Minted, before: Sequence[Sent]) -> Sent:
        """Uploads the pictures, then makes the record exist. What is out under that key already stays as it is."""
        pds = self._servers.at(account.base_url)
        session = Session(account, pds, self._vault, self._clock)
        segment = content.segments[plan.position]
        with outcomes(account, self._clock):
            blobs = {p.id: self._upload(pds, session, p) for p in _pictures_of(segment)}
            dids = {handle: did for handle in mentioned(segment.text) if (did := pds.resolve_handle(handle))}
        record = post_record(content, plan, before, blobs=blobs, dids=dids)
        with outcomes(account, self._clock, lost="The post may be out."):
            try:
                written = session.call(
                    lambda token: pds.create_record(token, account.external_id, plan.key, record)
                )
            except CallFailed as failed:
                if failed.error != "InvalidSwap":
                    raise
                # It is out from an earlier try, as it was approved; only whom a mention leads to has changed since.
                earlier = pds.get_record(account.external_id, plan.key)
                if earlier is None:
                    raise
                written = earlier
        return _sent(account, plan, written)

    def find(self, account: Account, plan: Minted) -> Sent | None:
        with outcomes(account, self._clock):
            written = self._servers.at(account.base_url).get_record(account.external_id, plan.key)
        return _sent(account, plan, written) if written else None

    def delete(self, account: Account, sent: Sent) -> None:
        pds = self._servers.at(account.base_url)
        session = Session(account, pds, self._vault, self._clock)
        key = sent.ref.rpartition("/")[2]
        with outcomes(account, self._clock, refused=STILL_UP, lost="The post may still be up."):
            session.call(lambda token: pds.delete_record(token, account.external_id, key))
        with outcomes(account, self._clock, refused=UNPROVEN):
            if pds.get_record(account.external_id, key):
                raise OutcomeUnknown(f"{account.base_url} took the post down, and still shows it: {sent.url}")

    def _upload(self, pds: Pds, session: Session, picture: Picture) -> Blob:
        data = self._data(picture)
        return session.call(lambda token: pds.upload_blob(token, data, picture.kind))

    def _data(self, picture: Picture) -> bytes:
        """Exactly the bytes that were approved."""
        try:
            data = self._pictures.data(picture.id)
        except (LookupError, TroupeError) as error:
            raise Rejected(
                f"A picture of the post is no longer there. {NOTHING_OUT}", remedy=REPLACE
            ) from error
        if sha256(data).hexdigest() != picture.sha256:
            raise Rejected(f"A picture is not the one that was approved. {NOTHING_OUT}", remedy=REPLACE)
        return data


def public_url(account: Account, key: str) -> str:
    """Opens the post in a browser.

    On Bluesky's own servers that is the app. Nothing tells whether the app knows of any other server; there, the
    record itself is shown as the server has it.
    """
    host = urlsplit(account.base_url).hostname or ""
    if host == "bsky.social" or host.endswith(".bsky.network"):
        return f"https://bsky.app/profile/{quote(account.handle)}/post/{key}"
    record = urlencode({"repo": account.external_id, "collection": COLLECTION, "rkey": key}, safe=":")
    return f"{account.base_url.rstrip('/')}/xrpc/com.atproto.repo.getRecord?{record}"


def _pictures_of(segment: Segment) -> tuple[Picture, ...]:
    thumb = segment.card.thumb if segment.card else None
    return (*segment.pictures, *([thumb] if thumb else []))


def _sent(account: Account, plan: Minted, written: Written) -> Sent:
    return Sent(plan.position, written.uri, written.cid, public_url(account, plan.key))
