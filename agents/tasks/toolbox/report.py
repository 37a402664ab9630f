"""A report as PDF: sections with text, pictures, charts and tables, and every claim with its source or marked as without."""

from __future__ import annotations

from typing import Annotated, Literal, cast

from pydantic import AfterValidator, Field, model_validator

from agents.tasks.family import Family
from agents.tasks.task import Stage
from agents.tasks.toolbox.base import MAKING, Arguments, adapter, tool
from agents.tasks.toolbox.document import Chart, Part, Press, Printed, Reader, Report, Runs
from agents.tasks.toolbox.fenced import HIDDEN, data
from agents.tasks.toolbox.paths import FilePath, OutputPath
from agents.tasks.tools import Bench, Risk

PICTURE_LIMIT = 8_000_000
NAMED = 5
"""How many of the claims without a source are told word for word."""


def _pdf(path: str) -> str:
    return path if path.lower().endswith(".pdf") else f"{path}.pdf"


Words = Annotated[str, Field(min_length=1, max_length=200)]
Cell = Annotated[str, Field(max_length=500)]
Figure = Annotated[float, Field(allow_inf_nan=False, ge=-1e15, le=1e15)]


class ChartGiven(Arguments):
    kind: Annotated[Literal["bar", "line", "pie"], Field(description="bar, line or pie")]
    labels: Annotated[tuple[Words, ...], Field(min_length=1, max_length=40, description="One for each value")]
    values: Annotated[tuple[Figure, ...], Field(min_length=1, max_length=40, description="Numbers")]
    title: Annotated[str, Field(max_length=300, description="With the source of its figures, like [1]")] = ""

    @model_validator(mode="after")
    def _fits(self) -> ChartGiven:
        if len(self.labels) != len(self.values):
            raise ValueError(f"has {len(self.labels)} labels for {len(self.values)} values")
        if self.kind == "pie" and (min(self.values) < 0 or sum(self.values) <= 0):
            raise ValueError("cannot be a pie: its values must not be negative, nor all be zero")
        return self


class SectionGiven(Arguments):
    heading: Annotated[Words, Field(description="One line")]
    text: Annotated[
        str,
        Field(
            max_length=30_000,
            description="Paragraphs, '- ' and '1. ' lists, '### ' subheadings, **strong**, `code`, [words](address). "
            "Cite sources as [1]; write [own] behind figures of your own; [?] where there is no source.",
        ),
    ] = ""
    image: Annotated[FilePath | None, Field(description="A PNG, JPEG or WebP file of the workspace")] = None
    chart: Annotated[ChartGiven | None, Field(description="Drawn under the text")] = None
    table: Annotated[
        tuple[Annotated[tuple[Cell, ...], Field(min_length=1, max_length=10)], ...],
        Field(max_length=200, description="Rows of cells; the first is its head"),
    ] = ()

    @model_validator(mode="after")
    def _even(self) -> SectionGiven:
        if len({len(row) for row in self.table}) > 1:
            raise ValueError("has a table whose rows are not of one length")
        return self


class ReportGiven(Arguments):
    path: Annotated[OutputPath, AfterValidator(_pdf), Field(description="Below output/, ending in .pdf")]
    title: Annotated[Words, Field(description="One line")]
    sections: Annotated[tuple[SectionGiven, ...], Field(min_length=1, max_length=40, description="In order")]


@tool(Family.REPORT, Risk.WRITE, (*MAKING[1:], Stage.DESIGN), needs="report")
def make_report(given: ReportGiven, bench: Bench) -> str:
    """Make a PDF report, with page numbers and the sources it cites. Claims without a source are marked in it."""
    reader = Reader({source.number for source in bench.record.sources()})
    parts = tuple(_part(section, reader, bench) for section in given.sections)
    cited = tuple(source for source in bench.record.sources() if source.number in reader.cited)
    report = Report(_seen(given.title), bench.persona.name, bench.now, parts, cited)
    printed = cast(Press, adapter("report", bench)).print(report)
    bench.workspace.write(given.path, printed.pdf)
    bench.record.deliver(given.path.removeprefix("output/"), printed.pdf, "application/pdf", printed.preview)
    return _told(given.path, printed, len(cited), reader.missing)


def _part(section: SectionGiven, reader: Reader, bench: Bench) -> Part:
    picture = bench.workspace.read(section.image, PICTURE_LIMIT) if section.image else b""
    blocks = reader.blocks(_seen(section.text))
    backed = any(run.kind in ("cite", "own") for block in blocks for item in block.items for run in item)
    read = reader.bare if backed or not reader.known else reader.runs
    table = tuple(tuple(read(_seen(cell)) for cell in row) for row in section.table)
    chart = _chart(section.chart, reader, backed) if section.chart else None
    return Part(_seen(section.heading), blocks, picture, chart, table)


def _chart(given: ChartGiven, reader: Reader, backed: bool) -> Chart:
    """Its figures stand on what its title cites, or else its section."""
    title: Runs = reader.bare(_seen(given.title))
    if reader.known and not backed and not any(run.kind in ("cite", "own", "missing") for run in title):
        title = (*title, *reader.bare(" [?]"))
        reader.missing.append(f"The chart “{given.title or given.labels[0]}”")
    return Chart(given.kind, tuple(map(_seen, given.labels)), given.values, title)


def _seen(text: str) -> str:
    """Without what nobody sees: a report is for people."""
    return HIDDEN.sub("", text.replace("\r\n", "\n"))


def _told(path: str, printed: Printed, cited: int, missing: list[str]) -> str:
    count = "1 page" if printed.pages == 1 else f"{printed.pages} pages"
    lines = [f"{path}: {count}, {cited} sources cited, handed over."]
    if missing:
        lines.append(
            f"{len(missing)} claims are marked “no source” in it. Cite them ([1], [own]) or take them out:"
        )
        lines.append(data("Claims", "\n".join(f"- {claim[:200]}" for claim in missing[:NAMED])))
    if printed.lacking:
        lines.append(f"This machine has no font for {', '.join(printed.lacking)}: boxes stand for it.")
    return "\n".join(lines)


TOOLS = (make_report,)
