from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.bluesky.tid import EPOCH, Mint, decode, encode

moments = st.integers(0, 2**53 - 1).map(lambda micros: EPOCH + timedelta(microseconds=micros))
clock_ids = st.integers(0, 1023)


def test_the_bits_are_those_of_the_specification() -> None:
    """3jzfcijpj2z2a is the example of https://atproto.com/specs/tid; read here as base 32 with other digits."""
    digits = str.maketrans("234567abcdefghijklmnopqrstuvwxyz", "0123456789abcdefghijklmnopqrstuv")
    bits = int("3jzfcijpj2z2a".translate(digits), 32)
    moment = EPOCH + timedelta(microseconds=bits >> 10)
    assert decode("3jzfcijpj2z2a") == (moment, bits & 1023)
    assert encode(moment, bits & 1023) == "3jzfcijpj2z2a"


@given(moments, clock_ids)
def test_decoding_gives_back_what_was_encoded(moment: datetime, clock_id: int) -> None:
    assert decode(encode(moment, clock_id)) == (moment, clock_id)


@given(moments, moments, clock_ids, clock_ids)
def test_tids_sort_as_their_moments(a: datetime, b: datetime, one: int, other: int) -> None:
    if a != b:
        assert (encode(a, one) < encode(b, other)) == (a < b)


@given(st.lists(moments.filter(lambda moment: moment.year < 2255), max_size=20))
def test_a_mint_only_rises_however_the_clock_jumps(readings: list[datetime]) -> None:
    mint = Mint()
    minted = [mint(now) for now in readings]
    keys = [key for key, _ in minted]
    assert keys == sorted(set(keys))
    assert all(decode(key)[0] == moment for key, moment in minted)
    assert all(moment >= now for (_, moment), now in zip(minted, readings, strict=True))


def test_threads_at_one_moment_get_different_keys() -> None:
    mint, now = Mint(), datetime(2026, 1, 1, tzinfo=UTC)
    with ThreadPoolExecutor(8) as pool:
        keys = [key for key, _ in pool.map(lambda _: mint(now), range(500))]
    assert len(set(keys)) == 500


def test_another_time_zone_is_the_same_moment() -> None:
    now = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=5)))
    assert Mint()(now)[1] == datetime(2026, 1, 1, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3jzfcijpj2z2",
        "3jzfcijpj2z2aa",
        "zzzzzzzzzzzzz",
        "3jzfcijpj2z21",
        "3JZFCIJPJ2Z2A",
        "k222222222222",
    ],
)
def test_what_is_no_tid_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no TID"):
        decode(text)


@pytest.mark.parametrize(
    ("moment", "clock_id"), [(EPOCH - timedelta(seconds=1), 0), (EPOCH, 1024), (EPOCH, -1)]
)
def test_what_has_no_tid_is_refused(moment: datetime, clock_id: int) -> None:
    with pytest.raises(ValueError, match="no TID for"):
        encode(moment, clock_id)
