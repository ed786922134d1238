"""What every page does that asks before it changes something: what it means, what it asks, the button, the way on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tenant_ops_dashboard.errors import BadInput
from tenant_ops_dashboard.panels.clones import state
from tenant_ops_dashboard.panels.clones.forms import Told


@dataclass(frozen=True)
class Asked:
    """One change: its title, what it does, its button, what is said of it, and `work`, which does it.

    `losses` are what to know before: (mark, sentence). `danger` is a button in red; `clone` the id of what it is of;
    `hidden` is sent along.
    """

    title: str
    explain: str
    button: str
    said: str
    work: Callable[[Told], Any]
    losses: tuple[tuple[str, str], ...] = ()
    danger: bool = False
    clone: str = ""
    hidden: Mapping[str, str] = field(default_factory=dict)


def view(request: HttpRequest, asked: Asked, form: Told, back: str, on: str = "") -> HttpResponse:
    """Ask; do it by POST and go `on`, or `back`. Bad input is told at its field; raises all else that `work` raises."""
    if request.method == "POST" and form.is_valid():
        try:
            asked.work(form)
        except BadInput as error:
            form.refuse(error)
        else:
            state.forget(request, asked.clone)
            messages.success(request, asked.said)
            return redirect(on or back)
    context = {"page_title": asked.title, "asked": asked, "form": form, "back": back, "action": request.path}
    return render(request, "tenant_ops/clones/confirm.html", context, status=422 if form.errors else 200)
