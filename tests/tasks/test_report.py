"""Reports: really set by typst and read back; what is claimed has its source or says that it has none."""

from __future__ import annotations

import resource
import zlib
from dataclasses import replace
from datetime import timedelta, timezone
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from agents.tasks.toolbox.document import Part, Reader, Report, Run
from agents.tasks.toolbox.report import ReportGiven, make_report
from agents.tasks.tools import ToolFailed
from integrations.report import press
from integrations.report.press import TypstPress
from tests.tasks import pdf_text
from tests.tasks.outside import NOW, Notebook, bench


@pytest.fixture
def record() -> Notebook:
    record = Notebook()
    record.cite("https://queues.example/bench?x=1&y=2", "How fast queues are")
    record.cite("https://prices.example/", "What queues cost")
    return record


def report(
    *sections: dict[str, Any], title: str = "Three queues", path: str = "output/report.pdf"
) -> ReportGiven:
    return ReportGiven(path=path, title=title, sections=sections)


def made(
    root: Path, record: Notebook, *sections: dict[str, Any], title: str = "Three queues"
) -> tuple[str, str]:
    """What the persona is told, and what the PDF says, without white space."""
    told = make_report.run(
        report(*sections, title=title), bench(root, {"report": TypstPress()}, record=record)
    )
    return told, pdf_text.text((root / "output/report.pdf").read_bytes())


def picture(root: Path, size: tuple[int, int] = (400, 300), name: str = "output/plot.png") -> str:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, "#2f5d8a").save(root / name)
    return name


def test_a_report_has_its_text_its_author_its_pages_and_its_sources(tmp_path: Path, record: Notebook) -> None:
    told, text = made(
        tmp_path,
        record,
        {
            "heading": "Speed",
            "text": "The first is **fast** [1].\n\n- small\n- plain\n\n### Why\nIt has `one` table.",
        },
        {"heading": "Cost", "text": "It costs $5 a month. [2] Read [the list](https://prices.example/list)."},
    )
    for words in ("Three queues", "Ada Okafor · 4 March 2026", "The first is fast [1].", "It has one table.", "1 / 1",
                  "[1]How fast queues are", "https://queues.example/bench?x=1&y=2", "Read 2026-03-04 09:30 UTC",
                  "[2]What queues cost", "Read the list."):  # fmt: skip
        assert words.replace(" ", "") in text
    assert "nosource" not in text
    assert told == "output/report.pdf: 1 page, 2 sources cited, handed over."


def test_it_is_handed_over_with_its_first_page_as_a_picture(tmp_path: Path, record: Notebook) -> None:
    made(tmp_path, record, {"heading": "Speed", "text": "Fast [1]. " * 2_000})
    [(path, pdf, kind, preview)] = record.delivered
    assert (path, kind) == ("report.pdf", "application/pdf")
    assert pdf == (tmp_path / "output/report.pdf").read_bytes()
    shown = Image.open(BytesIO(preview))
    assert shown.format == "PNG"
    assert shown.size == (595, 842)


def test_the_first_page_of_any_pdf_can_be_shown(tmp_path: Path, record: Notebook) -> None:
    made(tmp_path, record, {"heading": "Speed", "text": "Fast [1]. " * 2_000})
    [(_, pdf, _, preview)] = record.delivered
    shown = Image.open(BytesIO(TypstPress().first_page(pdf)))
    assert shown.size == Image.open(BytesIO(preview)).size
    assert min(shown.convert("L").tobytes()) < 100
    for broken in (b"%PDF-1.7 nothing", b"", pdf[: len(pdf) // 3]):
        with pytest.raises(ToolFailed, match="cannot be shown"):
            TypstPress().first_page(broken)


def test_a_pdf_that_asks_for_all_memory_ends_nobody() -> None:
    """A million rectangles: 13 kB packed, gigabytes drawn; it ended the worker."""
    packed = zlib.compress(b"0 0 100 100 re f " * 3_000_000)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Contents 4 0 R/Resources<<>>>>",
        b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(packed), packed),
    ]
    body = b"".join(b"%d 0 obj%sendobj\n" % pair for pair in enumerate(objects, 1))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ToolFailed, match="cannot be shown"):
        TypstPress().first_page(b"%PDF-1.7\n" + body + b"trailer<</Size 5/Root 1 0 R>>\n%%EOF")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


def test_any_moment_can_be_its_date(tmp_path: Path, record: Notebook) -> None:
    at = bench(tmp_path, {"report": TypstPress()}, record=record)
    for moment in (
        NOW.replace(microsecond=123_456),
        NOW.astimezone(timezone(timedelta(hours=-9, minutes=-30))),
    ):
        make_report.run(report({"heading": "One"}), replace(at, now=moment))
    assert len(record.delivered) == 2


def test_a_source_that_is_not_cited_is_not_listed(tmp_path: Path, record: Notebook) -> None:
    _, text = made(tmp_path, record, {"heading": "Speed", "text": "Fast [2]."})
    assert "Whatqueuescost" in text
    assert "Howfast" not in text


def test_a_claim_without_a_source_is_marked_where_it_stands(tmp_path: Path, record: Notebook) -> None:
    told, text = made(
        tmp_path,
        record,
        {
            "heading": "Speed",
            "text": "It is 40% faster. It costs $5 [2]. Nobody uses it [?]. Some say so [9]. We measured 3 million jobs [own].",
        },
    )
    assert "Itis40%faster.nosource" in text
    assert "Itcosts$5[2].Nobody" in text
    assert "Nobodyusesitnosource." in text
    assert "Somesayso[9]nosource." in text
    assert "3millionjobs(ownfigure)." in text
    assert "3 claims are marked" in told
    assert "- It is 40% faster." in told


def test_where_nothing_was_looked_up_figures_are_its_own(tmp_path: Path) -> None:
    told, text = made(tmp_path, Notebook(), {"heading": "Sales", "text": "They rose by 40% to $5,000."})
    assert "nosource" not in text
    assert "marked" not in told


@pytest.mark.parametrize("kind", ["bar", "line", "pie"])
def test_charts_are_drawn_with_their_labels_and_values(kind: str, tmp_path: Path, record: Notebook) -> None:
    chart = {"kind": kind, "labels": ["alpha", "beta", "gamma"], "values": [1, 2.5, 6.5], "title": "Jobs [1]"}
    _, text = made(tmp_path, record, {"heading": "Speed", "chart": chart})
    for words in ("alpha", "gamma", "6.5", "Jobs[1]"):
        assert words in text
    assert ("65%" in text) is (kind == "pie")


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("bar", [0, 0]), ("bar", [-3, 5]), ("bar", [1e15, -1e15]), ("bar", [1e-12, 0]), ("line", [0, 0]), ("line", [-5, -1]),
        ("line", [7, 7]), ("line", [1e-9, 1e14]), ("pie", [0, 1]), ("pie", [1e-9, 1e9]), ("line", [3.0]), ("pie", [2]), ("bar", [1.0]),
    ],
)  # fmt: skip
def test_no_figures_break_a_chart(kind: str, values: list[float], tmp_path: Path, record: Notebook) -> None:
    labels = [f"label {number}" for number in range(len(values))]
    _, text = made(
        tmp_path, record, {"heading": "Odd", "chart": {"kind": kind, "labels": labels, "values": values}}
    )
    assert "label0" in text


def test_the_longest_chart_and_table_fit(tmp_path: Path, record: Notebook) -> None:
    labels = [f"{'long label ' * 10}{number}" for number in range(40)]
    rows = [["x" * 500] * 10 for _ in range(30)]
    told, _ = made(
        tmp_path,
        record,
        {
            "heading": "Long",
            "chart": {"kind": "bar", "labels": labels, "values": list(range(40))},
            "table": rows,
        },
        {"heading": "Line", "chart": {"kind": "line", "labels": labels, "values": list(range(40))}},
    )
    assert "pages" in told


def test_a_chart_stands_on_what_its_title_or_its_section_cites(tmp_path: Path, record: Notebook) -> None:
    chart = {"kind": "bar", "labels": ["a"], "values": [1], "title": "Jobs"}
    told, text = made(tmp_path, record, {"heading": "One", "chart": chart})
    assert "Jobsnosource" in text
    assert "The chart “Jobs”" in told
    told, text = made(tmp_path, record, {"heading": "One", "text": "See [1].", "chart": chart})
    assert "nosource" not in text


def test_tables_and_pictures(tmp_path: Path, record: Notebook) -> None:
    name = picture(tmp_path)
    table = [["Queue", "Jobs"], ["One [1]", "**12**"], ["", "x"]]
    _, text = made(tmp_path, record, {"heading": "All", "image": name, "table": table})
    for words in ("QueueJobs", "One[1]12"):
        assert words in text
    assert b"/Subtype/Image" in (tmp_path / "output/report.pdf").read_bytes()


@pytest.mark.parametrize("size", [(20, 3_000), (3_000, 20), (1, 1), (2_400, 2_400)])
def test_a_picture_of_any_shape_fits_on_a_page(
    size: tuple[int, int], tmp_path: Path, record: Notebook
) -> None:
    told, _ = made(tmp_path, record, {"heading": "Picture", "image": picture(tmp_path, size)})
    assert "1 page" in told


def test_what_is_no_picture_is_refused(tmp_path: Path, record: Notebook) -> None:
    (tmp_path / "evil.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg"><image href="/etc/passwd"/></svg>'
    )
    with pytest.raises(ToolFailed, match="The picture of “Evil” cannot be used"):
        made(tmp_path, record, {"heading": "Evil", "image": "evil.svg"})
    with pytest.raises(ToolFailed):
        made(tmp_path, record, {"heading": "None", "image": "missing.png"})
    assert record.delivered == []


HOSTILE = (
    '#read("/etc/passwd")',
    '#import "@preview/cetz:0.3.0": *',
    '#eval("1 + 1")',
    "#panic()",
    "#let data = 1",
    "#sys.inputs.data",
    '"); #read("/etc/hostname")',
    "$ x^2 $ and $sum$",
    "\\ \\u{41} \\#",
    "= Heading * bold * _ em _ ` raw ` ``` block ```",
    "@source-1 <source-1> @nowhere",
    "// comment /* block */ after",
    "{{ }} [ ] ( ) ~ -- ---",
    "${HOME} %s {0} %(a)s",
    "https://evil.example/#read",
    "'single' \"double\"",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_what_looks_like_typst_is_printed_as_it_is(text: str, tmp_path: Path, record: Notebook) -> None:
    record.cite(f"https://evil.example/{text}", text)
    section = {
        "heading": text,
        "text": f"Before {text} after [3].\n\n- {text}",
        "table": [[text], [text]],
        "chart": {"kind": "bar", "labels": [text], "values": [1], "title": text},
    }
    _, said = made(tmp_path, record, section, title=text)
    plain = "".join(text.split()).replace("`", "")  # ours for code, and the only ones that may be missing
    assert said.replace("`", "").count(plain) >= 6
    assert "root:x" not in said


@settings(max_examples=25, deadline=None)
@drawn(st.text(min_size=1, max_size=120).filter(str.strip))
def test_no_text_at_all_breaks_it(text: str) -> None:
    clean = text.encode("utf-8", "replace").decode()
    part = Part(clean, Reader({1}).blocks(clean), table=((Reader({1}).bare(clean),),))
    assert TypstPress().print(Report(clean, clean, NOW, (part,))).pdf.startswith(b"%PDF-")


def test_scripts_that_no_font_shows_are_named(tmp_path: Path, record: Notebook) -> None:
    has = any(press.SCRIPTS["Chinese and Japanese characters"][1].search(name) for name in press._families())
    told, _ = made(tmp_path, record, {"heading": "Words", "text": "Ein 日本語 Wort, ein 한국어."})
    assert ("no font for" in told and "Chinese" in told) is not has


def test_what_nobody_sees_is_left_out(tmp_path: Path, record: Notebook) -> None:
    _, text = made(tmp_path, record, {"heading": "A\u200bB", "text": "pay \u202eEB1\u202c now"})
    assert "payEB1now" in text
    assert "AB" in text


class TestText:
    def told(self, text: str, known: tuple[int, ...] = (1, 2)) -> tuple[list[str], list[str]]:
        """The kinds of all runs but plain ones, and the claims without a source."""
        reader = Reader(set(known))
        runs = [run for block in reader.blocks(text) for item in block.items for run in item]
        return [run.kind for run in runs if run.kind != "text"], reader.missing

    @pytest.mark.parametrize(
        "text",
        [
            *(
                "It rose 12 %.",
                "It rose by 12.5 percent.",
                "Two thirds, 3 million, use it.",
                "It costs €40.",
                "40 USD a month.",
            ),
            *("It has 12,000 users.", "It is 3 times faster.", "It grew 2× last year.", "A 4 fold rise."),
        ],
    )
    def test_a_figure_wants_a_source(self, text: str) -> None:
        assert self.told(text) == (["missing"], [text])
        assert self.told(f"{text} [1]")[1] == []
        assert self.told(f"{text[:-1]} [1].")[1] == []
        assert self.told(f"{text} [own]")[1] == []
        assert self.told(text, ())[1] == []

    @pytest.mark.parametrize(
        "text",
        [
            "It began in 1999.",
            "Python 3.11 runs it.",
            "On 2026-03-04 it stopped.",
            "There are 3 of them.",
            "Step 12 is next.",
            "Chapter 4.2",
        ],
    )
    def test_a_year_a_version_or_a_count_wants_none(self, text: str) -> None:
        assert self.told(text) == ([], [])

    def test_a_citation_behind_the_full_stop_counts_for_the_sentence_before(self) -> None:
        assert self.told("It rose 12 %. [1] It fell 3 %. [2]")[1] == []
        assert self.told("It rose 12 %. It fell 3 %. [2]")[1] == ["It rose 12 %."]

    def test_several_sources_at_once(self) -> None:
        reader = Reader({1, 2, 5})
        runs = reader.runs("All say so [1, 2; 5].")
        assert [run.target for run in runs if run.kind == "cite"] == ["1", "2", "5"]
        assert reader.cited == {1, 2, 5}

    def test_blocks(self) -> None:
        text = "One\nline.\n\nTwo.\n- a\n- b\n  goes on\n\n1. x\n2) y\n## Head\nAfter."
        found = [(block.kind, len(block.items)) for block in Reader(()).blocks(text)]
        assert found == [
            ("paragraph", 1),
            ("paragraph", 1),
            ("bullets", 2),
            ("numbers", 2),
            ("subheading", 1),
            ("paragraph", 1),
        ]

    def test_links_lead_to_the_web_alone(self) -> None:
        runs = Reader(()).runs("[a](https://a.example/) [b](javascript:alert(1)) [c](file:///etc/passwd)")
        assert [run for run in runs if run.kind == "link"] == [Run("link", "a", "https://a.example/")]

    @settings(max_examples=200)
    @drawn(st.text(alphabet=st.sampled_from("ab1[]()*`?,.#- \n%$own"), max_size=300))
    def test_nothing_that_was_written_is_lost(self, text: str) -> None:
        reader = Reader({1})
        shown = "".join(run.text for block in reader.blocks(text) for item in block.items for run in item)
        letters = [sign for sign in text if sign in "ab%$"]
        assert [sign for sign in shown if sign in "ab%$"] == letters


@pytest.mark.parametrize(
    "changes",
    [
        {"chart": {"kind": "bar", "labels": ["a"], "values": [1, 2]}},
        {"chart": {"kind": "pie", "labels": ["a"], "values": [-1]}},
        {"chart": {"kind": "pie", "labels": ["a"], "values": [0]}},
        {"chart": {"kind": "bar", "labels": ["a"], "values": [float("nan")]}},
        {"table": [["a", "b"], ["c"]]},
        {"image": "../../etc/passwd"},
        {"heading": ""},
    ],
)
def test_what_cannot_be_drawn_is_refused_before(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        report({"heading": "One", **changes})


@pytest.mark.parametrize(
    ("path", "becomes"),
    [("report", "output/report.pdf"), ("output/a/b.PDF", "output/a/b.PDF"), ("x.md", "output/x.md.pdf")],
)
def test_it_is_a_pdf_below_output(path: str, becomes: str) -> None:
    assert report({"heading": "One"}, path=path).path == becomes
