"""Random drafts of one firewall group, applied: packets must do what the preview said, gained and lost alike.

While an apply runs every station sends without pause: what neither version lets through never arrives.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from tenant_ops_dashboard.firewall import current, names, preview, snapshot
from tenant_ops_dashboard.firewall.apply import apply
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Draft, Policy, Rule, State
from tenant_ops_dashboard.firewall.neutron import FirewallApi
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.probe import probe
from tests.integration.firewall.field import OUTSIDE, Field, settle
from tests.integration.firewall.station import NUMBERS

#: Asked ports stand below, senders' ports above: no packet looks like the answer to another one.
ASKED, SENDERS = (22, 53, 80, 443, 1521, 1700), 20_000
GAP = 0.002  # seconds between two packets of a station
PACKETS = 60
TRIES = 8

Json = dict[str, Any]


@dataclass
class Figures:
    """Of all drafts together. `told` counts fates that changed; `first` are seconds from Apply to the first packet."""

    drafts: int = 0
    packets: int = 0
    gained: int = 0
    lost: int = 0
    during: int = 0
    paused: int = 0
    first: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


class Drafts:
    """One draft after the other on the same group, each made from what is in force."""

    def __init__(self, field: Field, seed: int) -> None:
        self.field, self.random, self.number = field, random.Random(seed), 0
        self.figures = Figures()
        self.seed = seed

    def run(self, times: int) -> Figures:
        for _ in range(times):
            self.one()
        return self.figures

    def one(self) -> None:
        """One draft: preview, packets before, apply under fire, packets after."""
        seen = snapshot.look(self.field.owner)
        now = current.read(FirewallApi(self.field.owner), self.field.group)
        draft = Draft(self.state(now.state), now.draft.base)
        told = preview.preview(Ends(seen, names.Names(self.field.owner)), draft, now.row, findings=False)
        assert not any("too complex" in one for one in told.traffic.unknown), told.traffic.unknown
        packets = [self.packet() for _ in range(PACKETS)]
        packets += [one for box in (*told.traffic.gained, *told.traffic.lost) if (one := self.of_box(box))]
        before = self.fates("before", packets, [self.verdict(seen.engine, one) for one in packets])
        heard, began = self.under_fire(draft, packets)
        engine = snapshot.look(self.field.owner).engine
        after = self.fates("after", packets, [self.verdict(engine, one) for one in packets])
        self.between(packets, before, after, heard, began)
        for packet, was, is_ in zip(packets, before, after, strict=True):
            self.figures.gained += is_ > was
            self.figures.lost += is_ < was
            boxes = told.traffic.gained if is_ > was else told.traffic.lost if is_ < was else None
            if boxes is not None and not any(self.within(box, packet) for box in boxes):
                self.wrong(f"{was} became {is_} and the preview did not say so", packet)
            if boxes is None and any(self.within(box, packet) for box in (*told.traffic.gained, *told.traffic.lost)):
                self.wrong(f"stayed {is_} and the preview says that it changes", packet)
        self.figures.drafts += 1
        self.figures.packets += 2 * len(packets)

    def under_fire(self, draft: Draft, packets: list[Json]) -> tuple[dict[int, list[float]], float]:
        """Apply while every station sends without pause; what arrived, and when the apply began."""
        for name, station in self.field.stations.items():
            station.report()
            station.say("stream", [one for one in packets if one["from"] == name], GAP)
        began = time.monotonic()
        made = apply(self.field.owner, draft, self.field.group)
        for station in self.field.stations.values():
            station.say("stop")
        assert made.verified, made
        settle()
        heard: dict[int, list[float]] = {}
        for station in self.field.stations.values():
            heard |= station.report()["got"]
        return heard, began

    def between(
        self, packets: list[Json], before: list[int], after: list[int], heard: dict[int, list[float]], began: float
    ) -> None:
        """Never more open than the union of before and after; how soon what is new arrives."""
        first: list[float] = []
        for packet, was, is_ in zip(packets, before, after, strict=True):
            times = heard.get(packet["id"])
            self.figures.during += int(times[0]) if times else 0
            if times and not was and not is_:
                self.wrong(f"arrived {times[0]:.0f} times while one version took the other's place", packet)
            if was and is_ and times is None:
                self.figures.paused += 1
            if times and not was and is_:
                first.append(times[1] - began)
        if first:
            self.figures.first.append(min(first))

    def state(self, now: State) -> State:
        """Some of what is in force, shuffled, and new rules; sometimes a direction without rules or policy."""
        policies: dict[str, Policy | None] = {}
        for one in DIRECTIONS:
            was, chance = now.policy(one), self.random.random()
            if chance < 0.05:
                policies[one] = None
                continue
            kept = [rule for rule in (was.rules if was else ()) if self.random.random() < 0.4]
            rules = kept + [self.rule() for _ in range(0 if chance < 0.1 else self.random.randint(2, 7))]
            self.random.shuffle(rules)
            if self.random.random() < 0.5:
                # Without it hardly a packet gets through two random policies, and its answer through two more.
                rules.append(self.rule(Rule(action="allow")))
            policies[one] = Policy(was.policy if was else None, was.name if was else "", tuple(rules))
        return State(now.group, policies["ingress"], policies["egress"])

    def rule(self, made: Rule | None = None) -> Rule:
        self.number += 1
        name = f"{self.field.prefix}-{self.seed}-{self.number}"
        if made is not None:
            return replace(made, name=name)
        pick = self.random.choice
        protocol = pick((None, "tcp", "udp", "icmp", "tcp", "udp"))
        ports = protocol in ("tcp", "udp")
        asked = pick((None, None, *map(str, ASKED), "1:100", "50:1600", "1500:65535"))
        answers = pick((None, None, None, *map(str, ASKED), "1:1600", "20000:65535"))
        return Rule(
            name=name,
            action=pick(("allow", "allow", "allow", "allow", "deny", "reject")),
            protocol=protocol,
            source_ip_address=self.end(),
            destination_ip_address=self.end(),
            source_port=answers if ports else None,
            destination_port=asked if ports else None,
            enabled=self.random.random() > 0.1,
        )

    def end(self) -> str | None:
        addresses = self.field.address
        return self.random.choice(
            (None, None, None, "10.88.1.0/24", "10.88.2.0/24", "10.88.0.0/16", "0.0.0.0/1", "128.0.0.0/1",
             f"{OUTSIDE}/32", addresses["left"], addresses["right"])
        )  # fmt: skip

    def packet(self) -> Json:
        """From one end to another; outside reaches the left server by its floating address."""
        source, target = self.random.choice(
            (("left", "right"), ("right", "left"), ("outside", "left"), ("left", "outside"), ("right", "outside"))
        )
        return self.made(source, target, self.random.choice(("tcp", "udp", "icmp")), self.random.choice(ASKED))

    def made(self, source: str, target: str, protocol: str, port: int) -> Json:
        self.number += 1
        places = {**self.field.address, "outside": OUTSIDE}
        there = self.field.floating if (source, target) == ("outside", "left") else places[target]
        ports = protocol != "icmp"
        return {
            "id": self.seed * 1_000_000 + self.number, "from": source, "to": target, "protocol": protocol,
            "src": places[source], "dst": there, "dst_port": port if ports else 0,
            "src_port": SENDERS + self.number % 40_000 if ports else 0,
        }  # fmt: skip

    def of_box(self, box: Json) -> Json | None:
        """A packet that the preview names, where one of the stations can send it."""
        names_ = {id_: name for name, id_ in self.field.port.items()} | {None: "outside"}
        source, target = names_.get(box["from"]), names_.get(box["port"])
        if source is None or target is None or source == target or (source, target) == ("outside", "right"):
            return None
        for protocol in ("tcp", "udp", "icmp"):
            for port in self.random.sample(ASKED, len(ASKED)):
                packet = self.made(source, target, protocol, port)
                if self.within(box, packet):
                    return packet
        return None

    def within(self, box: Json, packet: Json) -> bool:
        """Whether the box has the packet."""
        ends = self.field.port | {"outside": None}
        if (box["from"], box["port"]) != (ends[packet["from"]], ends[packet["to"]]):
            return False
        if box["protocol"] not in ("any", packet["protocol"]):
            low, dash, high = str(box["protocol"]).partition("-")
            if not dash or not low.isdigit() or not int(low) <= NUMBERS[packet["protocol"]] <= int(high):
                return False
        if not (_holds(box["src"], packet["src"]) and _holds(box["dst"], packet["dst"])):
            return False
        if packet["protocol"] == "icmp":
            return "icmp_type" not in box or (_between(box["icmp_type"], 8) and _between(box["icmp_code"], 0))
        return _between(box["dst_port"], packet["dst_port"]) and _between(box["src_port"], packet["src_port"])

    def verdict(self, engine: Engine, packet: Json) -> int:
        """0 it does not arrive, 1 it does and no answer comes back, 2 all is well."""
        ends = [
            {"ip": packet["src"]} if packet["from"] == "outside" else {"port": self.field.port[packet["from"]]},
            {"ip": packet["dst"]},
        ]
        asked: Json = {"src": ends[0], "dst": ends[1], "protocol": packet["protocol"]}
        if packet["protocol"] != "icmp":
            asked |= {"src_port": packet["src_port"], "dst_port": packet["dst_port"]}
        answer = probe(engine, asked)
        return 0 if answer["forward"] != "allow" else 2 if answer["reply"] == "allow" else 1

    def fates(self, when: str, packets: list[Json], says: list[int]) -> list[int]:
        """What becomes of each, on the same scale, held against what the engine says.

        What fares worse than it should is sent again: networks lose packets, filters lose them each time.
        """
        found = self.sent(packets)
        for _ in range(TRIES):
            again = [at for at, said in enumerate(says) if found[at] < said]
            for at, fate in zip(again, self.sent([packets[at] for at in again]) if again else (), strict=True):
                found[at] = max(found[at], fate)
        for packet, said, done in zip(packets, says, found, strict=True):
            if said != done:
                self.wrong(f"{when} the engine says {said}, packets {done}", packet)
        return found

    def sent(self, packets: list[Json]) -> list[int]:
        for name, station in self.field.stations.items():
            station.report()
            station.say("send", [one for one in packets if one["from"] == name])
        settle()
        got: dict[int, Any] = {}
        answered: dict[int, Any] = {}
        for station in self.field.stations.values():
            heard = station.report()
            got |= heard["got"]
            answered |= heard["answered"]
        return [(2 if one["id"] in answered else 1) if one["id"] in got else 0 for one in packets]

    def wrong(self, sentence: str, packet: Json) -> None:
        self.figures.wrong.append(f"draft {self.figures.drafts} of seed {self.seed}: {sentence}: {packet}")


def _between(span: str, value: int) -> bool:
    low, _dash, high = span.partition("-")
    return int(low) <= value <= int(high or low)


def _holds(spans: list[str], address: str) -> bool:
    value = int(IPv4Address(address))
    for one in spans:
        low, dash, high = one.partition("-")
        if dash and int(IPv4Address(low)) <= value <= int(IPv4Address(high)):
            return True
        if not dash and IPv4Address(address) in IPv4Network(one):
            return True
    return False
