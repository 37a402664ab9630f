"""From the start of `./troupe up` in a new home to a console that is ready, beside a NiceGUI page with nothing behind it."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench.figures import Figure, Options, at_most, in_turns
from tests.bench.installation import bare_page, up

LIMIT_S = 6.0
ROUNDS = 3


def figures(options: Options) -> Iterator[Figure]:
    ours, bare = in_turns(options.count(ROUNDS, 1), _ours, _bare)
    what = "start to ready / bare NiceGUI page"
    yield at_most("up", what, ours, LIMIT_S, of="median", unit="s", bare=bare)


def _ours() -> float:
    with up() as installation:
        return installation.ready_s


def _bare() -> float:
    with bare_page() as (_, ready_s):
        return ready_s
