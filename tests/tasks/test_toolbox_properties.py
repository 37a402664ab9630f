"""What holds for every path, every edit and every text."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agents.tasks.toolbox.editing import edited
from agents.tasks.toolbox.fenced import HIDDEN, data, shorten, visible
from agents.tasks.toolbox.paths import inside
from agents.tasks.tools import ToolFailed
from tests.tasks.reading import outside_fences

names = st.sampled_from(
    ["..", ".", "", "a", "b.txt", "…", "ü", "~", "-rf", "a b", "...", "..a", "\\", "\0", "\n", "C:"]
)
paths = st.one_of(st.text(max_size=40), st.lists(names, max_size=6).map("/".join))


@given(paths)
def test_a_path_is_refused_or_leads_inside(path: str) -> None:
    try:
        plain = inside(path)
    except ValueError:
        return
    parts = PurePosixPath(plain).parts
    assert ".." not in parts
    assert not PurePosixPath(plain).is_absolute()
    assert not HIDDEN.search(plain)
    assert "\n" not in plain
    assert inside(plain) == plain


@given(st.lists(st.sampled_from(["a", "b.txt", "ü", "..."]), min_size=1), st.sampled_from(["/", "//", "/./"]))
def test_one_file_has_one_path(names: list[str], between: str) -> None:
    assert inside(between.join(names)) == "/".join(names)
    assert inside("./" + "/".join(names) + "/") == "/".join(names)


@pytest.mark.parametrize(
    ("shown", "plain"),
    [
        ("/work", ""),
        ("/work/", ""),
        ("/work/src/a.py", "src/a.py"),
        ("/work//src", "src"),
        ("work/a", "work/a"),
    ],
)
def test_a_path_as_commands_show_it_is_understood(shown: str, plain: str) -> None:
    assert inside(shown) == plain


@pytest.mark.parametrize(
    "path", ["/work/..", "/work/../etc/passwd", "/workshop", "/work2/a", "//work/a", "/work/~/x"]
)
def test_what_only_looks_like_the_workspace_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="must"):
        inside(path)


@pytest.mark.parametrize(
    "path",
    [
        "..",
        "a/../b",
        "/",
        "/etc/passwd",
        "~/x",
        "a\\b",
        "a\0b",
        "a\nb",
        "x" * 201,
        "ü" * 101,
        "a\u202eb",
        "\ud800",
    ],
)
def test_what_could_never_be_right_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r"must|holds"):
        inside(path)


letters = st.text(st.sampled_from("ab\n "), max_size=30)


@given(letters, st.text(st.sampled_from("ab\n "), min_size=1, max_size=4), letters)
def test_an_edit_changes_exactly_one_place_or_nothing(text: str, find: str, replace: str) -> None:
    places = [at for at in range(len(text)) if text.startswith(find, at)]
    if len(places) != 1:
        with pytest.raises(ToolFailed, match="nothing was changed"):
            edited(text, find, replace)
        return
    after, line = edited(text, find, replace)
    assert after == text[: places[0]] + replace + text[places[0] + len(find) :]
    assert line == text[: places[0]].count("\n") + 1


@given(st.text(min_size=1), st.text(min_size=1), st.text())
def test_an_edit_is_undone_by_the_opposite_one(find: str, replace: str, around: str) -> None:
    text = f"{around}{find}"
    assume(text.count(find) == 1 and "\r" not in text + replace)
    try:
        after, _ = edited(text, find, replace)
        assert edited(after, replace, find)[0] == text
    except ToolFailed as failed:
        assert "more than once" in failed.what


@given(letters, st.text(st.sampled_from("ab\n "), min_size=1, max_size=4), letters)
def test_windows_line_ends_stay(text: str, find: str, replace: str) -> None:
    assume("\n" in text)
    windows = text.replace("\n", "\r\n")
    try:
        plain, line = edited(text, find, replace)
    except ToolFailed:
        with pytest.raises(ToolFailed):
            edited(windows, find, replace)
    else:
        assert edited(windows, find, replace) == (plain.replace("\n", "\r\n"), line)


@given(st.text(), st.text(max_size=20))
def test_no_text_gets_out_of_its_fence(text: str, label: str) -> None:
    told = data(label, text)
    assert outside_fences(told) == ""
    assert not HIDDEN.search(told)


@given(st.text(max_size=300), st.integers(3, 100))
def test_what_is_left_out_is_said(text: str, limit: int) -> None:
    short = shorten(text, limit)
    if len(text) <= limit:
        assert short == text
    else:
        assert f"{len(text) - limit:,} characters left out" in short
        assert len(short) <= limit + 60


def test_what_people_write_is_not_escaped() -> None:
    for text in ("größer\tals\n", "👨‍👩‍👧 ❤️", "می‌خواهم", "क्‍ष", "日本語"):
        assert visible(text) == text
