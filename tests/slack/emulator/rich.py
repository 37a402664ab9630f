"""The rich_text block: sections, lists, quotes and preformatted text out of styled pieces."""

from typing import Any

from tests.slack.emulator.rules import (
    Check,
    Report,
    array,
    boolean,
    integer,
    one_of,
    shape,
    string,
    tagged,
)


def _written(report: Report, value: Any, at: str) -> None:
    string()(report, value, at)
    report.written += len(value) if isinstance(value, str) else 0


_marks = shape(
    {}, dict.fromkeys(("bold", "italic", "strike", "code", "underline", "highlight", "unlink"), boolean)
)
_style: dict[str, Check] = {"style": _marks}
_piece = tagged(
    {
        "text": shape({"text": _written}, _style),
        "link": shape({"url": string(3000)}, {**_style, "text": _written, "unsafe": boolean}),
        "emoji": shape({"name": string()}, {"unicode": string(), "skin_tone": integer(1, 6)}),
        "user": shape({"user_id": string()}, _style),
        "usergroup": shape({"usergroup_id": string()}, _style),
        "channel": shape({"channel_id": string()}, _style),
        "broadcast": shape({"range": one_of("here", "channel", "everyone")}, _style),
        "date": shape(
            {"timestamp": integer(0), "format": string()},
            {**_style, "url": string(3000), "fallback": string()},
        ),
        "color": shape({"value": string()}),
        "team": shape({"team_id": string()}, _style),
    }
)
_plain_piece = tagged(
    {
        "text": shape({"text": _written}, _style),
        "link": shape({"url": string(3000)}, {**_style, "text": _written, "unsafe": boolean}),
    }
)
_section = shape({"elements": array(_piece, low=0)})
_border: dict[str, Check] = {"border": integer(0, 1)}
_list = shape(
    {"style": one_of("bullet", "ordered"), "elements": array(tagged({"rich_text_section": _section}))},
    {"indent": integer(0, 8), "offset": integer(0), **_border},
)
rich_text = shape(
    {
        "elements": array(
            tagged(
                {
                    "rich_text_section": _section,
                    "rich_text_list": _list,
                    "rich_text_quote": shape({"elements": array(_piece)}, _border),
                    "rich_text_preformatted": shape(
                        {"elements": array(_plain_piece)}, {**_border, "language": string()}
                    ),
                }
            )
        )
    },
    {"block_id": string(255)},
)
