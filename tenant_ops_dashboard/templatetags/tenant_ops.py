"""Template vocabulary of the plugin: words, clocks and the mark that says a state by its shape."""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from tenant_ops_dashboard.panels import belonging, words
from tenant_ops_dashboard.panels.forms import problem_name

register = template.Library()

# Shape first, colour second: a disc, a triangle, a square, an open ring, dashes.
_MARKS = {
    "good": '<circle class="f" cx="8" cy="8" r="7"/><path class="i" d="M4.8 8.3l2.2 2.2l4.2-4.7"/>',
    "warning": '<path class="f" d="M8 1.2L15.3 14.3H.7z"/><path class="i" d="M8 5.8v4M8 12v.2"/>',
    "failed": '<path class="f" d="M1.5 1.5h13v13h-13z"/><path class="i" d="M5 5l6 6M11 5l-6 6"/>',
    "building": '<circle class="r" cx="8" cy="8" r="6"/><path class="s" d="M8 2a6 6 0 0 1 6 6"/>',
    "deleting": '<circle class="r" cx="8" cy="8" r="6"/><path class="s" d="M5 8h6"/>',
    "planned": '<circle class="d" cx="8" cy="8" r="6"/>',
    "gone": '<circle class="d" cx="8" cy="8" r="6"/><path class="s" d="M4 12l8-8"/>',
}

register.filter("told", words.told)
register.filter("age", words.age)
register.filter("clock", words.clock)
register.filter("moment", words.when)
register.filter("duration", words.duration)
register.filter("state_word", words.state)
register.filter("resources", words.resources)
register.filter("tier_word", words.tier)
register.filter("and_more", words.and_more)


@register.simple_tag
@lru_cache(maxsize=256)
def mark(state: str, place: str = "") -> SafeString:
    """The mark of a state as a small SVG; `place` is 'x y size' inside a larger one. The word stands beside it."""
    name = state if state in _MARKS else "planned"
    shape = mark_safe(_MARKS[name])  # noqa: S308 - constants of this module
    outside = mark_safe('aria-hidden="true" focusable="false"')
    where = format_html('x="{}" y="{}" width="{}" height="{}"', *_square(place)) if place else outside
    return format_html('<svg class="to-mark to-mark--{}" viewBox="0 0 16 16" {}>{}</svg>', name, where, shape)


def _square(place: str) -> tuple[str, str, str, str]:
    x, y, size = place.split()
    return x, y, size, size


@register.simple_tag(takes_context=True)
def page_mark(context: template.Context) -> str:
    """The project and region this page is made for, for its `data-to-page`."""
    return belonging.mark(context["request"])


@register.simple_tag(takes_context=True)
def page_field(context: template.Context) -> SafeString:
    """The same as a hidden field: every form that changes something has it, or is refused."""
    return format_html('<input type="hidden" name="{}" value="{}">', belonging.FIELD, page_mark(context))


@register.filter
def iso(moment: datetime.datetime | None) -> str:
    """For `datetime` attributes and titles."""
    return moment.isoformat(timespec="seconds") if moment else ""


@register.simple_tag
def answer_link(words: str, address: str, where: str) -> SafeString:
    """The first line of a page with the address in it as a link to `where`."""
    before, found, after = words.partition(address) if address else (words, "", "")
    if not found:
        return format_html("{}", words)
    return format_html(
        '{}<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>{}', before, where, address, after
    )


@register.inclusion_tag("tenant_ops/_field.html")
def field(asked: BoundField, hint: str = "", classes: str = "") -> dict[str, Any]:
    """One question of a form with its label, its problem and its help; `hint` stands in brackets behind the label."""
    widget, id_ = asked.field.widget, asked.id_for_label or asked.auto_id
    problems = list(asked.errors)
    told: dict[str, Any] = {"aria-invalid": "true"} if problems else {}
    shown: dict[str, Any] = {
        "field": asked, "name": problem_name(asked.name), "id": id_, "hint": hint,
        "classes": classes, "problems": problems, "live": getattr(asked.form, "live", False),
        "refused": getattr(asked.field, "refused", ()),
    }  # fmt: skip
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return {**shown, "id": asked.auto_id, "choices": list(asked.subwidgets)}
    if isinstance(widget, CheckboxInput):
        return {**shown, "checkbox": True, "widget": asked.as_widget(attrs={"aria-describedby": f"{id_}-more", **told})}
    typed = {} if isinstance(widget, FileInput) else {"autocomplete": "off", "spellcheck": "false"}
    attrs: dict[str, Any] = {
        "class": f"form-control {widget.attrs.get('class', '')}".strip(), "aria-describedby": f"{id_}-more",
        **typed, **told,
    }  # fmt: skip
    return {**shown, "widget": asked.as_widget(attrs=attrs)}
