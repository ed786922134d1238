"""Names of ports and addresses, and a change of traffic in words: 'internet -> database tcp 1521: now open'."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from tenant_ops_dashboard.firewall.names import Names
from tenant_ops_dashboard.firewall.snapshot import Seen

Json = Mapping[str, Any]
Kind = Literal["open", "gained", "lost", "breaks_replies"]
_ENDINGS: Mapping[Kind, str] = {
    "open": "open",
    "gained": "now open",
    "lost": "now closed",
    "breaks_replies": "still arrives, but its reply no longer returns",
}
_WHOLE = ("0.0.0.0/0", "::/0")
_ANY = "0-65535"
#: So many addresses of one box are named.
_ADDRESSES = 3


class Labels:
    """What people call ports and addresses: the server's name, the load balancer's, the port's own, else the id."""

    def __init__(self, seen: Seen, names: Names) -> None:
        self._ports: dict[str, str] = {}
        self._addresses: dict[str, str] = {}
        balancers = {one.get("vip_port_id"): str(one.get("name") or "") for one in seen.rows("loadbalancers")}
        for row in seen.rows("ports"):
            server = names.of_devices.get(str(row.get("device_id") or ""))
            label = (server.name if server else "") or balancers.get(row["id"], "") or str(row.get("name") or row["id"])
            self._ports[row["id"]] = label
            for fixed in row.get("fixed_ips") or ():
                self._addresses[str(fixed.get("ip_address"))] = label
        for row in seen.rows("floatingips"):
            if row.get("port_id") in self._ports:
                self._addresses[str(row["floating_ip_address"])] = self._ports[row["port_id"]]

    def port(self, id_: str | None) -> str:
        """A port's name; None is what is outside."""
        return "outside" if id_ is None else self._ports.get(id_, id_)

    def address(self, text: str) -> str:
        """An address or a range: the name of who has it, 'internet' for all of them."""
        if text in _WHOLE:
            return "internet"
        return self._addresses.get(text.removesuffix("/32").removesuffix("/128"), text)

    def addresses(self, texts: Sequence[str]) -> str:
        """Some of them, and how many more."""
        told = list(dict.fromkeys(map(self.address, texts)))
        more = f" and {len(told) - _ADDRESSES} more" if len(told) > _ADDRESSES else ""
        return ", ".join(told[:_ADDRESSES]) + more

    def named(self, boxes: Iterable[Json]) -> list[dict[str, Any]]:
        """The boxes with the names that people know."""
        return [{**one, "name": self.port(one["port"])} for one in boxes]


def said(labels: Labels, box: Json, kind: Kind = "gained") -> str:
    """One box that was gained, lost or is open, in words; it has `port` as well (None: outside)."""
    return f"{_way(labels, box)} {what(box)}: {_ENDINGS[kind]}"


def sentences(labels: Labels, boxes: Iterable[Json], kind: Kind = "gained") -> list[str]:
    """The boxes in words, each sentence once."""
    return list(dict.fromkeys(said(labels, one, kind) for one in boxes))


def what(box: Json) -> str:
    """A box's protocol and ports: 'tcp 1521', 'icmp type 8', 'any protocol'."""
    protocol = "any protocol" if box["protocol"] == "any" else str(box["protocol"])
    if protocol.isdigit() or protocol[:1].isdigit():
        protocol = f"protocol {protocol}"
    if "icmp_type" in box:
        return protocol if box["icmp_type"] == "0-255" else f"{protocol} type {_range(box['icmp_type'])}"
    if box["dst_port"] != _ANY:
        protocol = f"{protocol} {_range(box['dst_port'])}"
    return protocol if box["src_port"] in (_ANY, None) else f"{protocol} (from port {_range(box['src_port'])})"


def _way(labels: Labels, box: Json) -> str:
    target = labels.port(box["port"]) if box["port"] else labels.addresses(box["dst"])
    return f"{labels.addresses(box['src'])} -> {target}"


def _range(text: str) -> str:
    low, _, high = text.partition("-")
    return low if low == high else text
