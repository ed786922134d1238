"""What a person may do from a box of the picture: a few links, each a page of its own, or done in place."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from tenant_ops_dashboard.environments.model import Box, Details
from tenant_ops_dashboard.environments.restart import KINDS as SERVERS
from tenant_ops_dashboard.panels import words
from tenant_ops_dashboard.panels.picture.placed import Way

INSTANCE = "horizon:project:instances:detail"
# Horizon's own pages, by kind; those of lists take no id.
PAGES = {
    **dict.fromkeys(SERVERS, INSTANCE),
    "volume": "horizon:project:volumes:detail",
    "router": "horizon:project:routers:detail",
    "network": "horizon:project:networks:detail",
    "security_group": "horizon:project:security_groups:detail",
}
LISTS = {"floating_ip": "horizon:project:floating_ips:index", "firewall": "horizon:project:firewalls_v2:index"}
BALANCERS = "horizon:tenant_ops:loadbalancers"
FIREWALL = "horizon:tenant_ops:firewall"
MEMBER = "OS::Octavia::PoolMember"
BAD = ("warning", "failed", "gone")


class Menus:
    """The menus of one environment's picture; `may` is what the reader's roles allow."""

    def __init__(self, details: Details, may: dict[str, bool]) -> None:
        self.details, self.may = details, may
        self.id = details.environment.id
        self.balancers = [b for b in details.picture.boxes if b.kind == "load_balancer" and b.resource_id]

    def ways(self, box: Box) -> tuple[Way, ...]:
        """The links of a box, most wanted first; none for what is not there."""
        if box.kind == "internet" or box.state == "planned":
            return ()
        found = [
            *self._why(box), *self._traffic(box), *self._reached(box), *self._horizon(box), *self._restart(box),
            self._events(box),
        ]  # fmt: skip
        return tuple(way for way in found if way.href)

    def why(self) -> Way | None:
        """Where it is answered why the first server is down, or why a database that is to be closed can be reached."""
        boxes = self.details.picture.boxes
        for box in (one for one in boxes if one.state in BAD and self._member(one)):
            if found := [way for way in self._why(box) if way.href]:
                return Way(found[0].href, _("Why is %s down?") % words.told(box.title))
        if not any(one.name == "closed" and one.state == "failed" for one in self.details.proofs):
            return None
        open_ = [way for box in boxes if box.kind == "database" for way in self._reached(box)]
        return Way(open_[0].href, _("Why can it be reached?")) if open_ else None

    def _why(self, box: Box) -> list[Way]:
        if not self.may.get("balancers"):
            return []
        if box.kind == "load_balancer" and box.resource_id:
            page = _address(f"{BALANCERS}:index")
            return [Way(f"{page}?open={box.resource_id}" if page else "", _("Its members and their health"))]
        member = self._member(box)
        if not member or len(self.balancers) != 1:
            return []
        words = _("Why is it red?") if box.state in BAD else _("How it is checked")
        return [Way(_address(f"{BALANCERS}:why", self.balancers[0].resource_id, member), words)]

    def _traffic(self, box: Box) -> list[Way]:
        """Out of the traffic and into it again; who is the last to serve is asked first."""
        member, states = self._member(box), dict(self.details.members)
        if not self.may.get("members") or len(self.balancers) != 1 or member not in states:
            return []
        verb = {"good": "drain", "drained": "enable"}.get(states[member])
        href = _address(f"{BALANCERS}:change", self.balancers[0].resource_id, member, verb) if verb else ""
        if verb == "enable":
            return [Way(href, _("Let it take traffic"), _("Switching it on …"))]
        others = [id_ for id_, state in states.items() if state == "good" and id_ != member]
        return [Way(href, _("Drain"), _("Draining …")) if others else Way(href, _("Drain…"))]

    def _reached(self, box: Box) -> list[Way]:
        """Who reaches whom; the question stands in the address of the packet probe."""
        if not self.may.get("firewall") or not box.resource_id or box.state == "gone":
            return []
        if box.kind == "firewall":
            return [Way(_address(f"{FIREWALL}:group", box.resource_id), _("Who reaches whom, and its rules"))]
        end = f"server:{box.resource_id}" if box.kind in SERVERS else ""
        end = f"network:{box.resource_id}" if box.kind == "network" else end
        page = _address(f"{FIREWALL}:probe") if end else ""
        return [Way(f"{page}?{urlencode({'source': 'internet', 'target': end})}", _("Can … reach it?"))] if page else []

    def _member(self, box: Box) -> str:
        """The id of the pool member that stands for this server, or ''."""
        own = (s for s in self.details.progress.resources if s.type == MEMBER and s.name.startswith(f"{box.key}."))
        return next((step.resource_id for step in own), "")

    def _horizon(self, box: Box) -> list[Way]:
        if box.kind in LISTS:
            return [Way(_address(LISTS[box.kind]), _("Open in Horizon"))]
        here = _address(PAGES[box.kind], box.resource_id) if box.kind in PAGES and box.resource_id else ""
        if not here or box.state == "gone":
            return []
        more = [("console", _("Console")), ("log", _("Log"))] if box.kind in SERVERS else []
        return [
            Way(here, _("Open in Horizon")),
            *(Way(f"{here}?tab=instance_details__{tab}", words) for tab, words in more),
        ]

    def _restart(self, box: Box) -> list[Way]:
        if box.kind not in SERVERS or not box.resource_id or box.state == "gone" or not self.may.get("restart"):
            return []
        return [Way(_address("horizon:tenant_ops:environments:restart", self.id, box.key), _("Restart…"))]

    def _events(self, box: Box) -> Way:
        own = next((step.title for step in self.details.progress.resources if step.name == box.key), "")
        # A server of a group has a name of its own in the picture; Heat tells of it as the group's.
        inside = next((s.title for s in self.details.progress.resources if s.name == f"{box.key}.server"), "")
        title = own or inside
        href = f"?{urlencode({'events': 'all', 'q': title})}#events" if title else ""
        return Way(href, _("Its events"))


def _address(name: str, *arguments: str) -> str:
    """The page's address, or '' where this Horizon has no such page."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""
