"""What people do to load balancers, in words that the time line keeps: each reader has them in his own language."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from tenant_ops_dashboard.sentences import say

# By what is done; without an end where Octavia or Heat goes on with it.
MESSAGES = {
    "create": gettext_noop("{name} is being created"),
    "add": gettext_noop("{name} is joining the pool"),
    "drain": gettext_noop("{name} is being drained"),
    "enable": gettext_noop("{name} is being enabled"),
    "disable": gettext_noop("{name} is being disabled"),
    "remove": gettext_noop("{name} is being removed from the pool"),
    "weigh": gettext_noop("{name} is being given its new weight"),
    "bring back": gettext_noop("{name} is being brought back"),
    "put back": gettext_noop("{name} is being made as it was before"),
    "out": gettext_noop("{name} is given one step of servers more"),
    "in": gettext_noop("{name} is given one step of servers fewer"),
    "rules": gettext_noop("Scaling of {name} is being changed"),
    "repair": gettext_noop("The servers of {name} are being repaired"),
    "entrust": gettext_noop("The care job may scale {name} by itself; it looks within a minute."),
    "mute": gettext_noop("Warnings of {name} are muted for {hours} h."),
    "unmute": gettext_noop("Warnings of {name} are shown again."),
}
ASKED = gettext_noop("Asked for: {doing}")


def words(what: str, name: str, **more: str) -> str:
    """What is done to `name`, as a Sentence."""
    return say(MESSAGES[what], name=name, **more)


def asked(doing: str) -> str:
    """That it was asked for."""
    return say(ASKED, doing=doing)
