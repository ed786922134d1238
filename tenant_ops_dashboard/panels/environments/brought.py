"""A template that somebody brought along, between the page that takes it and the launch.

It travels in the form itself, signed for whoever brought it: no process and no table has to keep it, and nobody else's
text is taken for one of ours.
"""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.http import HttpRequest

from tenant_ops_dashboard.environments.declared import Imported
from tenant_ops_dashboard.environments.errors import NotValid
from tenant_ops_dashboard.sentences import say

LONGEST = 2_000_000  # characters; Django takes 2.5 MB of a form as it comes (DATA_UPLOAD_MAX_MEMORY_SIZE)
SECONDS = 24 * 3600
_SALT = "tenant_ops.imported"


def seal(request: HttpRequest, own: Imported) -> str:
    """The text that stands for it in a form. Raises NotValid where it is too long to travel so."""
    told = {"t": own.template, "f": list(own.files), "e": own.environment, "c": own.called}
    sealed = signing.dumps(told, salt=_salt(request), compress=True)
    if len(sealed) > LONGEST:
        raise NotValid({"template": say("This is too much to be sent along with a form; a catalogue folder takes it.")})
    return sealed


def unseal(request: HttpRequest, sealed: str) -> Imported | None:
    """What this user brought along within a day; None for every other text."""
    if not sealed or len(sealed) > LONGEST:
        return None
    try:
        told: dict[str, Any] = signing.loads(sealed, salt=_salt(request), max_age=SECONDS)
    except signing.BadSignature:
        return None
    return Imported(told["t"], tuple((name, text) for name, text in told["f"]), told["e"], told["c"])


def _salt(request: HttpRequest) -> str:
    user: Any = request.user
    return f"{_SALT}:{user.id}"
