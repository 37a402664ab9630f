"""A chart as inline SVG, with its numbers in a table for whoever cannot see it."""

from __future__ import annotations

from collections.abc import Iterable
from math import cos, isfinite, pi, sin

from markupsafe import Markup

from bot.cards import Chart
from bot.web.words import attribute, shown

WIDTH, HEIGHT = 640, 240
LEFT, RIGHT, TOP, BOTTOM = 52, 8, 12, 28
COLOURS = 6
"""Series colours in the style sheet (`.s0` to `.s5`); a seventh series begins again."""
LABELS = 12
"""More labels than this do not fit under the axis: every so manieth is written, the table has them all."""


def chart_html(chart: Chart) -> Markup:
    draw = {"bar": _bars, "line": _lines, "pie": _pie}[chart.kind]
    return Markup(
        '<figure class="chart"><figcaption>{title}</figcaption>'
        '<svg viewBox="0 0 {w} {h}" role="img" aria-label="{label}"><title>{title}</title><desc>{desc}</desc>{body}</svg>'
        "{legend}<details><summary>The numbers</summary>{table}</details></figure>"
    ).format(
        title=shown(chart.title),
        label=attribute(chart.title),
        desc=shown(_description(chart)),
        w=WIDTH,
        h=HEIGHT,
        body=draw(chart),
        legend=_legend(chart),
        table=_table(chart),
    )


def _description(chart: Chart) -> str:
    names = ", ".join(name for name, _ in chart.series)
    return (
        f"A {chart.kind} chart of {names} over {len(chart.labels)} values; the table below has the numbers."
    )


def _bars(chart: Chart) -> Markup:
    low, high = _range(chart)
    slot = (WIDTH - LEFT - RIGHT) / max(len(chart.labels), 1)
    wide = slot * 0.7 / max(len(chart.series), 1)
    bars = []
    for s, (name, values) in enumerate(chart.series):
        for i, value in enumerate(map(_finite, values)):
            x, y, zero = LEFT + slot * (i + 0.15) + wide * s, _y(value, low, high), _y(0, low, high)
            bars.append(
                Markup(
                    '<rect class="s{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="2"><title>{}</title></rect>'
                ).format(
                    s % COLOURS,
                    x,
                    min(y, zero),
                    max(wide - 1, 1),
                    max(abs(y - zero), 0.5),
                    _point(chart, name, i, value),
                )
            )
    return _axes(chart, low, high) + Markup().join(bars)


def _lines(chart: Chart) -> Markup:
    low, high = _range(chart)
    slot = (WIDTH - LEFT - RIGHT) / max(len(chart.labels), 1)
    drawn = []
    for s, (name, values) in enumerate(chart.series):
        points = [(LEFT + slot * (i + 0.5), _y(v, low, high), v) for i, v in enumerate(map(_finite, values))]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
        drawn.append(Markup('<polyline class="s{}" points="{}"/>').format(s % COLOURS, path))
        drawn += [
            Markup('<circle class="s{}" cx="{:.1f}" cy="{:.1f}" r="3"><title>{}</title></circle>').format(
                s % COLOURS, x, y, _point(chart, name, i, v)
            )
            for i, (x, y, v) in enumerate(points)
        ]
    return _axes(chart, low, high) + Markup().join(drawn)


def _pie(chart: Chart) -> Markup:
    """The first series, clockwise from the top; what is not above zero has no slice."""
    name, values = chart.series[0] if chart.series else ("", ())
    parts = [max(_finite(value), 0.0) for value in values]
    total, begin, slices = sum(parts) or 1.0, 0.0, []
    for i, part in enumerate(parts):
        share = part / total
        label = _point(chart, name, i, part)
        if share >= 0.9999:
            slices.append(
                Markup('<circle class="s{}" cx="{}" cy="{}" r="{}"><title>{}</title></circle>').format(
                    i % COLOURS, WIDTH // 2, HEIGHT // 2, _RADIUS, label
                )
            )
        elif share > 0:
            slices.append(
                Markup('<path class="s{}" d="{}"><title>{}</title></path>').format(
                    i % COLOURS, _slice(begin, begin + share), label
                )
            )
        begin += share
    return Markup().join(slices)


_RADIUS = HEIGHT // 2 - TOP


def _slice(begin: float, end: float) -> str:
    (x1, y1), (x2, y2) = _on_circle(begin), _on_circle(end)
    large = int(end - begin > 0.5)
    return f"M{WIDTH / 2:.1f},{HEIGHT / 2:.1f} L{x1:.1f},{y1:.1f} A{_RADIUS},{_RADIUS} 0 {large} 1 {x2:.1f},{y2:.1f} Z"


def _on_circle(turn: float) -> tuple[float, float]:
    angle = 2 * pi * turn - pi / 2
    return WIDTH / 2 + _RADIUS * cos(angle), HEIGHT / 2 + _RADIUS * sin(angle)


def _axes(chart: Chart, low: float, high: float) -> Markup:
    slot = (WIDTH - LEFT - RIGHT) / max(len(chart.labels), 1)
    every = -(-len(chart.labels) // LABELS) or 1
    parts = [
        Markup(
            '<line class="grid" x1="{}" x2="{}" y1="{y:.1f}" y2="{y:.1f}"/><text class="tick" x="{}" y="{ty:.1f}">{v:g}</text>'
        ).format(LEFT, WIDTH - RIGHT, LEFT - 6, y=_y(v, low, high), ty=_y(v, low, high) + 4, v=v)
        for v in dict.fromkeys((low, round((low + high) / 2, 6), high))
    ]
    parts += [
        Markup('<text class="label" x="{:.1f}" y="{}">{}</text>').format(
            LEFT + slot * (i + 0.5), HEIGHT - 8, shown(label[:14])
        )
        for i, label in enumerate(chart.labels)
        if i % every == 0
    ]
    return Markup().join(parts)


def _legend(chart: Chart) -> Markup:
    names: Iterable[str] = chart.labels if chart.kind == "pie" else (name for name, _ in chart.series)
    items = [
        Markup('<li><span class="key s{}"></span>{}</li>').format(i % COLOURS, shown(name))
        for i, name in enumerate(names)
    ]
    return Markup('<ul class="legend" aria-hidden="true">{}</ul>').format(Markup().join(items))


def _table(chart: Chart) -> Markup:
    head = Markup().join(Markup('<th scope="col">{}</th>').format(shown(name)) for name, _ in chart.series)
    rows = [
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            shown(label),
            Markup().join(Markup("<td>{:g}</td>").format(values[i]) for _, values in chart.series),
        )
        for i, label in enumerate(chart.labels)
    ]
    return Markup("<table><thead><tr><td></td>{}</tr></thead><tbody>{}</tbody></table>").format(
        head, Markup().join(rows)
    )


def _point(chart: Chart, name: str, i: int, value: float) -> Markup:
    label = chart.labels[i] if i < len(chart.labels) else str(i + 1)
    return Markup("{}, {}: {:g}").format(shown(name), shown(label), value)


def _range(chart: Chart) -> tuple[float, float]:
    """From zero (or below) to the highest value; never empty."""
    values = [_finite(value) for _, series in chart.series for value in series]
    low, high = min([0.0, *values]), max([0.0, *values])
    return low, high if high > low else low + 1.0


def _y(value: float, low: float, high: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (high - low))


def _finite(value: float) -> float:
    return value if isfinite(value) else 0.0
