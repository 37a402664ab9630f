"""A form as HTML, and what a browser sent back as the form's own values. One page: a dialog scrolls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from agents.errors import Invalid
from bot.forms import FormField, FormView
from bot.web.words import attribute, shown
from bot.when import instants

PICTURES = "image/png,image/jpeg,image/webp"
_LOCAL = "%Y-%m-%dT%H:%M"


def form_html(view: FormView, zone: ZoneInfo) -> Markup:
    return Markup(
        '<form class="form" data-form="{action}" novalidate><header><h2>{title}</h2>'
        '<button type="button" class="close" data-close aria-label="Close">✕</button></header>'
        '<p class="error" data-error-of="" role="alert" hidden></p><div class="fields-in">{fields}</div>'
        '<footer><button type="button" class="button plain" data-close>Cancel</button>'
        '<button class="button primary">{submit}</button></footer></form>'
    ).format(
        action=attribute(view.action),
        title=shown(view.title),
        fields=Markup().join(_field(field, zone) for field in view.fields),
        submit=shown(view.submit),
    )


def _field(field: FormField, zone: ZoneInfo) -> Markup:
    """Label, input, hint and room for what is wrong, tied together for screen readers."""
    id = f"field-{attribute(field.name)}"
    said = field.required or "optional" in field.label
    optional = Markup() if said else Markup(' <span class="muted">(optional)</span>')
    common = Markup(
        'id="{id}" name="{name}" data-widget="{widget}" aria-describedby="{id}-about"{needed}'
    ).format(
        id=id,
        name=attribute(field.name),
        widget=field.widget,
        needed=Markup(' required aria-required="true"') if field.required else "",
    )
    hint = field.hint
    if field.widget == "datetime":
        hint = f"{hint} Your time zone is {zone.key}.".strip()
    return Markup(
        '<div class="field {widget}">{input}<p class="about" id="{id}-about"><span class="hint">{hint}</span>'
        '{counter}<span class="error" data-error-of="{name}" role="alert" hidden></span></p></div>'
    ).format(
        widget=field.widget,
        input=_WIDGETS[field.widget](field, id, shown(field.label) + optional, common, zone),
        id=id,
        hint=shown(hint),
        counter=_counter(field),
        name=attribute(field.name),
    )


def _counter(field: FormField) -> Markup:
    """Counts while somebody types. Nothing is cut off: what is too long is kept, and said."""
    if field.widget != "multiline" or not field.max_length:
        return Markup()
    return Markup('<output class="counter" data-max="{}"></output>').format(field.max_length)


def _line(kind: str) -> Callable[[FormField, str, Markup, Markup, ZoneInfo], Markup]:
    def draw(field: FormField, id: str, label: Markup, common: Markup, zone: ZoneInfo) -> Markup:
        value = _local(field.value, zone) if kind == "datetime-local" else field.value
        return Markup('<label for="{}">{}</label><input type="{}" value="{}" autocomplete="off" {}>').format(
            id, label, kind, "" if value is None else attribute(str(value)), common
        )

    return draw


def _secret(field: FormField, id: str, label: Markup, common: Markup, zone: ZoneInfo) -> Markup:
    return Markup(
        '<label for="{}">{}</label><input type="password" autocomplete="new-password" spellcheck="false" {}>'
    ).format(id, label, common)


def _multiline(field: FormField, id: str, label: Markup, common: Markup, zone: ZoneInfo) -> Markup:
    value = "" if field.value is None else str(field.value)
    # A parser drops one line break after <textarea>; with one of ours the text keeps its own.
    return Markup('<label for="{}">{}</label><textarea rows="6" dir="auto" {}>\n{}</textarea>').format(
        id, label, common, attribute(value)
    )


def _choice(field: FormField, id: str, label: Markup, common: Markup, zone: ZoneInfo) -> Markup:
    options = Markup() if field.required and field.value else Markup('<option value="">–</option>')
    options += Markup().join(
        Markup('<option value="{}"{}>{}</option>').format(
            attribute(o.value), _if(str(field.value) == o.value, "selected"), shown(o.label)
        )
        for o in field.options
    )
    return Markup('<label for="{}">{}</label><select {}>{}</select>').format(id, label, common, options)


def _choices(field: FormField, id: str, label: Markup, common: Markup, zone: ZoneInfo) -> Markup:
    chosen = {str(value) for value in field.value or ()}
    boxes = Markup().join(
        Markup('<label class="box"><input type="checkbox" value="{}"{}> {}</label>').format(
            attribute(o.value), _if(o.value in chosen, "checked"), shown(o.label)
        )
        for o in field.options
    )
    return Markup("<fieldset {}><legend>{}</legend>{}</fieldset>").format(common, label, boxes)


def _check(field: FormField, id: str, label: Markup, common: Markup, zone: ZoneInfo) -> Markup:
    return Markup('<label class="box"><input type="checkbox" value="true"{} {}> {}</label>').format(
        _if(bool(field.value), "checked"), common, label
    )


def _picture(field: FormField, id: str, label: Markup, common: Markup, zone: ZoneInfo) -> Markup:
    value = attribute(str(field.value or ""))
    preview = Markup('<img alt="" class="upload-preview" {}>').format(
        Markup('src="/picture/{}"').format(value) if value else Markup("hidden")
    )
    return Markup(
        '<label for="{id}-file">{label}</label><input type="file" id="{id}-file" accept="{accept}" data-upload="{id}" '
        'aria-describedby="{id}-about"><input type="hidden" value="{value}" {common}>{preview}'
    ).format(id=id, label=label, accept=PICTURES, value=value, common=common, preview=preview)


def _if(true: bool, word: str) -> Markup:
    return Markup(" ") + word if true else Markup()


_WIDGETS: Mapping[str, Callable[[FormField, str, Markup, Markup, ZoneInfo], Markup]] = {
    "text": _line("text"),
    "number": _line("number"),
    "datetime": _line("datetime-local"),
    "secret": _secret,
    "multiline": _multiline,
    "choice": _choice,
    "choices": _choices,
    "check": _check,
    "picture": _picture,
}


def _local(value: Any, zone: ZoneInfo) -> str:
    """As an <input type="datetime-local"> takes it. A text that is no time is left out."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return ""
    if not isinstance(value, datetime):
        return ""
    return (value.astimezone(zone) if value.tzinfo else value).strftime(_LOCAL)


def values_of(sent: Mapping[str, Any], fields: Iterable[FormField], zone: ZoneInfo) -> dict[str, Any]:
    """What a browser sent, as the form's model takes it: empty needed fields left out, times with their zone.

    Raises Invalid with the field for a time that does not exist or comes twice where clocks are changed.
    """
    known = {field.name: field for field in fields}
    values: dict[str, Any] = {}
    for name, value in sent.items():
        field = known.get(name)
        if value in ("", None) and not (field is not None and field.may_be_emptied):
            continue
        is_time = field is not None and field.widget == "datetime"
        values[name] = _moment(str(value), zone, name) if is_time else value
    return values


def _moment(typed: str, zone: ZoneInfo, name: str) -> str:
    try:
        wall = datetime.fromisoformat(typed)
    except ValueError:
        return typed
    moments = instants(wall, zone) if wall.tzinfo is None else [wall]
    if len(moments) != 1:
        what = "comes twice" if moments else "does not exist"
        raise Invalid(
            f"{wall:%Y-%m-%d %H:%M} {what} in {zone.key}: clocks are changed in that hour.",
            remedy="Choose a time before or after it.",
            field=name,
        )
    return moments[0].astimezone(zone).isoformat(sep=" ", timespec="minutes")
