"""Heat: a stack's resources come up one by one when told to, and bring what the other services would have."""

from __future__ import annotations

import datetime
import functools
from typing import Any

import yaml

from tenant_ops_dashboard.environments.template import hot
from tests.unit.fake_openstack import paging
from tests.unit.fake_openstack.server import Answer, Json, Query, Wire
from tests.unit.fake_openstack.things import Things

ROOT = "/orchestration/v1/[^/]+"
WHEN = "2026-11-21T06:00:{:02d}Z"
UP = datetime.datetime(2026, 11, 21, 6, 0, 43, tzinfo=datetime.UTC)  # when a stack that came up was up


class Heat:
    """Stacks by id; `finish` lets one come up, `fail` breaks one of its resources."""

    def __init__(self, wire: Wire, things: Things) -> None:
        self.things = things
        self.wire = wire
        self.stacks: dict[str, Json] = {}
        self.refused: list[tuple[int, Json]] = []
        self.deleted: dict[str, Json] = {}
        wire.on("GET", f"{ROOT}/stacks")(self.listing)
        wire.on("POST", f"{ROOT}/stacks")(self.create)
        wire.on("GET", f"{ROOT}/stacks/[^/]+/([^/]+)")(
            lambda id_, query, body: {"stack": self._shown(self.stacks[id_])}
        )
        wire.on("PATCH", f"{ROOT}/stacks/[^/]+/([^/]+)")(self.update)
        wire.on("DELETE", f"{ROOT}/stacks/[^/]+/([^/]+)")(self.delete)
        wire.on("GET", f"{ROOT}/stacks/[^/]+/([^/]+)/template")(lambda id_, query, body: self.stacks[id_]["template"])
        wire.on("GET", f"{ROOT}/stacks/[^/]+/([^/]+)/files")(lambda id_, query, body: {})
        wire.on("GET", f"{ROOT}/stacks/[^/]+/([^/]+)/resources")(
            lambda id_, query, body: {"resources": self.stacks[id_]["resources"]}
        )
        wire.on("GET", f"{ROOT}/stacks/[^/]+/([^/]+)/events")(lambda id_, query, body: self._asked(id_, query))

    def listing(self, query: Query, body: Json) -> Answer:
        asked = dict(query)
        if "tags" in asked and ("name" in asked or "id" in asked):
            return 500, {"error": {"message": "Heat 27 does not take both."}}
        who, ids = self.wire.who, {value for name, value in query if name == "id"}
        known = [*self.stacks.values(), *(self.deleted.values() if asked.get("show_deleted") == "true" else ())]
        found = [self._shown(one) for one in known if who.admin or who.project == _home(one)]
        found = [
            one for one in found if asked.get("name") in (None, one["stack_name"]) and (not ids or one["id"] in ids)
        ]
        found = [one for one in found if asked.get("tags") is None or asked["tags"] in one["tags"]]
        return paging.heat(found, query, "stacks", "/v1/project/stacks", self.things.cap)

    def _shown(self, stack: Json) -> Json:
        """A row as Heat's views tell it: the project stands in its address, and for administrators in a field too."""
        row, project = stack["row"], _home(stack)
        home = f"http://fake/orchestration/v1/{project}/stacks/{row['stack_name']}/{row['id']}"
        more = {"project": project} if self.wire.who.admin else {}
        return {**row, **more, "links": [{"rel": "self", "href": home}]}

    def create(self, query: Query, body: Json) -> tuple[int, Json]:
        if self.refused:
            return self.refused.pop(0)
        name = body["stack_name"]
        here = [one["row"]["stack_name"] for one in self.stacks.values() if _home(one) == self.wire.who.project]
        if name in here:
            return 409, {"error": {"message": f"The Stack ({name}) already exists."}}
        id_ = f"00000000-0000-0000-0000-{next(self.things.numbers):012d}"
        template = hot.parse(body["template"])
        values = yaml.safe_load(body["environment"])["parameters"]
        at = hot.scope(template, values, name, body["files"])
        row = {
            "id": id_,
            "stack_name": name,
            "stack_status": "CREATE_IN_PROGRESS",
            "stack_status_reason": "Stack CREATE started",
            "creation_time": WHEN.format(0),
            "updated_time": None,
            "tags": body["tags"].split(","),
            "stack_owner": self.wire.who.user,
            "parameters": dict(at.parameters),
            "outputs": [],
        }
        self.stacks[id_] = {
            "row": row,
            "project": self.wire.who.project,
            "log": [self._told("CREATE_IN_PROGRESS")],
            "template": template,
            "at": at,
            "resources": [],
            "planned": hot.resources(template, at),
        }
        return 201, {"stack": {"id": id_}}

    def update(self, id_: str, query: Query, body: Json) -> tuple[int, Json | None]:
        action = self.stacks[id_]["row"]["stack_status"].partition("_")[0]
        if action in ("DELETE", "SUSPEND"):
            return 400, {"error": {"message": f"Updating a stack when it is {action} is not supported."}}
        self.stacks[id_]["template"] = body.get("template") or self.stacks[id_]["template"]
        self.begin(id_, "UPDATE")
        return 202, None

    def delete(self, id_: str, query: Query, body: Json) -> tuple[int, None]:
        self.begin(id_, "DELETE")
        self.stacks[id_]["template"] = {"heat_template_version": "2018-08-31"}
        return 204, None

    def begin(self, id_: str, action: str) -> None:
        """An action but the first begins, now; a stack keeps the time of its last one, as its event does."""
        now = f"{max(self.wire.now or UP, UP):%Y-%m-%dT%H:%M:%SZ}"
        self.become(id_, f"{action}_IN_PROGRESS")
        self.stacks[id_]["row"]["updated_time"] = self.stacks[id_]["log"][-1]["event_time"] = now

    def rolled_back(self, id_: str, state: str = "COMPLETE") -> None:
        """A launch's roll-back, as with convergence: to an empty template, with a time of its own."""
        self.begin(id_, "ROLLBACK")
        stack = self.stacks[id_]
        stack["row"].update(stack_status=f"ROLLBACK_{state}", outputs=[])
        stack["template"] = {"heat_template_version": "2018-08-31"}
        if state == "COMPLETE":
            stack["resources"] = []
            self.things.clear("servers", "loadbalancers", "floatingips", "ports")

    def grow(self, id_: str, group: str, members: int) -> None:
        """A policy has added so many members to a group, which the template does not tell."""
        stack = self.stacks[id_]
        size = sum(row.get("parent_resource") == group for row in stack["resources"])
        for index in range(size + 1, size + members + 1):
            added = hot.Resource(f"{group}-{index}", "application.yaml", {}, {}, group, index)
            stack["resources"].append(self._row(stack, added, "CREATE_COMPLETE"))

    def become(self, id_: str, status: str) -> None:
        """The stack is in another state, and its events say so."""
        self.stacks[id_]["row"]["stack_status"] = status
        self.stacks[id_]["log"].append(self._told(status))

    def forget(self) -> None:
        """What was deleted is purged from Heat's database."""
        self.deleted.clear()

    def _told(self, status: str) -> Json:
        return {"id": f"told-{next(self.things.numbers)}", "resource_status": status}

    def gone(self, id_: str) -> None:
        """The delete has ended; retained volumes are left, detached. Heat knows the stack until it is purged."""
        self.become(id_, "DELETE_COMPLETE")
        self.deleted[id_] = stack = self.stacks.pop(id_)
        ours = {one["physical_resource_id"] for one in stack["resources"]}
        ours.update([key for key, one in self.things.kept["ports"].items() if one["device_id"] in ours])
        for group in self.things.kept["firewall_groups"].values():
            group["ports"] = [port for port in group["ports"] if port not in ours]
        for kept in self.things.kept.values():
            for thing in [one for one in kept if one in ours and not one.startswith("volu")]:
                del kept[thing]
        vips = {f"lb-{one}" for one in ours}
        for id_ in [one["id"] for one in self.things.kept["ports"].values() if one["device_id"] in vips]:
            del self.things.kept["ports"][id_]
        for volume in self.things.kept["volumes"].values():
            volume.update(status="available", attachments=[])

    def finish(self, id_: str) -> None:
        """Everything is up."""
        stack = self.stacks[id_]
        stack["resources"] = [self._row(stack, one, "CREATE_COMPLETE") for one in stack["planned"]]
        self.become(id_, "CREATE_COMPLETE")
        at = hot.Scope(
            stack["at"].parameters,
            stack["at"].conditions,
            {row["key"]: row["physical_resource_id"] for row in stack["resources"]},
        )
        declared = stack["template"].get("outputs") or {}
        outputs = {
            name: hot.resolve(one["value"], at)
            for name, one in declared.items()
            if hot.holds(one.get("condition", {"equals": [1, 1]}), at)
        }
        outputs.update(
            scale_out_alarm_url="http://fake/signed", address="203.0.113.50", servers=["10.20.1.11", "10.20.1.12"]
        )
        if "database" in declared:
            outputs["database"] = "10.20.2.5"
        stack["row"]["outputs"] = [{"output_key": name, "output_value": value} for name, value in outputs.items()]
        self._serve(id_)

    def build(self, id_: str, done: int, working: int = 3) -> None:
        """The first `done` resources are up, the next ones are being made."""
        stack = self.stacks[id_]
        stack["resources"] = [
            self._row(stack, one, "CREATE_COMPLETE" if number < done else "CREATE_IN_PROGRESS")
            for number, one in enumerate(stack["planned"][: done + working])
        ]

    def fail(self, id_: str, key: str, reason: str) -> None:
        """One resource fails, and the stack with it."""
        stack = self.stacks[id_]
        before = list(stack["planned"])[: [one.key for one in stack["planned"]].index(key) + 1]
        stack["resources"] = [
            self._row(stack, one, "CREATE_FAILED" if one.key == key else "CREATE_COMPLETE") for one in before
        ]
        stack["resources"][-1]["resource_status_reason"] = reason
        self.become(id_, "CREATE_FAILED")
        stack["row"]["stack_status_reason"] = f"Resource CREATE failed: {reason}"

    def events(self, id_: str) -> list[Json]:
        """Two events a resource and two of the stack, newest first."""
        found = []
        for number, one in enumerate(self._any(id_)["resources"]):
            for status, second in (("CREATE_IN_PROGRESS", number), (one["resource_status"], number + 2)):
                told = one["resource_status_reason"] if status.endswith("FAILED") else "state changed"
                when = WHEN.format(min(second, 59))
                found.append({**one, "event_time": when, "resource_status": status, "resource_status_reason": told})
        stack = self._any(id_)
        root = {
            "physical_resource_id": id_,
            "resource_name": stack["row"]["stack_name"],
            "links": [{"rel": "stack", "href": f"http://fake/{id_}"}],
        }
        first, *later = stack["log"]
        found.insert(0, {**root, **first, "event_time": WHEN.format(0)})
        found += [{**root, "event_time": WHEN.format(43), **one} for one in later]
        return [{"id": f"event-{id_}-{number}", **one} for number, one in enumerate(found)][::-1]

    def _any(self, id_: str) -> Json:
        """A stack that is there or was deleted: Heat answers by its path for both."""
        found: Json = self.stacks.get(id_) or self.deleted[id_]
        return found

    def _asked(self, id_: str, asked: Query) -> Answer:
        """What Heat leaves of the events: by the end of their status, by resource, and no more than the limit."""
        query = dict(asked)
        if id_ not in self.stacks and id_ not in self.deleted:
            return 404, {"error": {"message": f"The Stack ({id_}) could not be found."}}
        ends, name = query.get("resource_status", ""), query.get("resource_name")
        found = [one for one in self.events(id_) if one["resource_status"].endswith(ends)]
        found = [one for one in found if name in (None, one["resource_name"])]
        return paging.heat(found, asked, "events", "/v1/project/stacks/events", self.things.cap)

    def _row(self, stack: Json, one: hot.Resource, status: str) -> Json:
        member = one.key.partition(".")[0]
        wrapper = bool(one.group) and one.key == member
        nested = bool(one.group) and not wrapper
        place = member if nested else f"{one.group}-group" if wrapper else stack["row"]["id"]
        row = {
            "key": one.key,
            "resource_name": one.name,
            "resource_type": one.type,
            "resource_status": status,
            "resource_status_reason": "state changed",
            "creation_time": WHEN.format(one.index),
            "physical_resource_id": self._thing(stack, one, member),
            "links": [{"rel": "self", "href": "http://fake/self"}, {"rel": "stack", "href": f"http://fake/{place}"}],
        }
        if one.group:
            row["parent_resource"] = member if nested else one.group
        return row

    def _thing(self, stack: Json, one: hot.Resource, member: str) -> str:
        id_ = stack["row"]["id"]
        name = stack["row"]["stack_name"]
        add = functools.partial(self.things.add, project_id=_home(stack))
        own: dict[str, str] = stack.setdefault("ids", {})
        made: Json
        match one.type:
            case "OS::Nova::Server":
                tier = "application" if one.group else one.properties["metadata"]["tenant_ops_tier"]
                address = f"10.20.1.{10 + one.index}" if one.group else {"jump": "10.20.1.9"}.get(one.key, "10.20.2.5")
                made = add(
                    "servers",
                    name=f"{name}-{member}",
                    status="ACTIVE",
                    addresses={"net": [{"addr": address}]},
                    metadata={"tenant_ops_environment": id_, "tenant_ops_tier": tier},
                )
                port = f"{one.key.removesuffix('server')}port" if one.group else f"{one.key}_port"
                self.things.kept["ports"][own[port]].update(
                    device_id=made["id"], fixed_ips=[{"subnet_id": "subnet", "ip_address": address}]
                )
            case "OS::Cinder::Volume":
                made = add(
                    "volumes",
                    name=f"{name}-data",
                    size=int(one.properties["size"]),
                    status="available",
                    attachments=[],
                    created_at="2026-11-21T06:00:00.000000",
                    metadata={"tenant_ops_environment": id_, "tenant_ops_name": name},
                )
            case "OS::Cinder::VolumeAttachment":
                volume = self.things.kept["volumes"][own["data"]]
                made = {"id": own["data"]}
                entry = {"attachment_id": "attachment-1", "volume_id": own["data"], "server_id": own["database"]}
                volume.update(status="in-use", attachments=[entry])
            case "OS::Neutron::Net":
                made = add("networks", name=one.key)
            case "OS::Neutron::Subnet":
                network = own["dmz_network" if "dmz" in one.key else "database_network"]
                made = add("subnets", cidr=one.properties["cidr"], network_id=network, ip_version=4)
            case "OS::Neutron::RouterInterface":
                subnet = own["dmz_subnet" if "dmz" in one.key else "database_subnet"]
                fixed = [{"subnet_id": subnet, "ip_address": "10.20.1.1"}]
                add(
                    "ports",
                    network_id=self.things.kept["subnets"][subnet]["network_id"],
                    device_id=own["router"],
                    device_owner="network:router_interface",
                    fixed_ips=fixed,
                    status="ACTIVE",
                    name="",
                )
                made = {"id": f"{own['router']}:subnet_id={subnet}"}
            case "OS::Neutron::Port":
                fixed = [{"subnet_id": "subnet", "ip_address": "10.20.1.9"}]
                network = own["database_network" if "database" in one.key else "dmz_network"]
                made = add("ports", device_id="", device_owner="compute:nova", fixed_ips=fixed, status="ACTIVE", name="",
                           network_id=network)  # fmt: skip
            case "OS::Neutron::SecurityGroup":
                rules = [
                    {
                        "direction": "egress",
                        "ethertype": kind,
                        "protocol": None,
                        "port_range_min": None,
                        "port_range_max": None,
                        "remote_ip_prefix": None,
                        "remote_group_id": None,
                    }
                    for kind in ("IPv4", "IPv6")
                ]
                made = add("security-groups", name=f"{name}-{one.key}", security_group_rules=rules)
                stack.setdefault("groups", []).append((one.key, made))
            case "OS::Neutron::FloatingIP":
                jump = one.key == "jump_address"
                made = add(
                    "floatingips",
                    floating_ip_address="203.0.113.51" if jump else "203.0.113.50",
                    fixed_ip_address="10.20.1.9" if jump else "10.20.1.5",
                    port_id=own["jump_port"]
                    if jump
                    else self.things.kept["loadbalancers"][own["balancer"]]["vip_port_id"],
                )
            case "OS::Octavia::LoadBalancer":
                made = add(
                    "loadbalancers",
                    name=f"{name}-lb",
                    description=f"Environment {id_}",
                    provisioning_status="ACTIVE",
                    operating_status="ONLINE",
                    listeners=[],
                    pools=[],
                )
                made["vip_port_id"] = add(
                    "ports",
                    device_id=f"lb-{made['id']}",
                    device_owner="Octavia",
                    network_id=own["dmz_network"],
                    fixed_ips=[{"subnet_id": "subnet", "ip_address": "10.20.1.5"}],
                    status="ACTIVE",
                    name=f"octavia-lb-{made['id']}",
                )["id"]
            case _:
                made = {"id": f"{one.key.replace('.', '-')}-{next(self.things.numbers)}"}
        own[one.key] = made["id"]
        return str(made["id"])

    def _serve(self, id_: str) -> None:
        stack = self.stacks[id_]
        at = hot.Scope(stack["at"].parameters, stack["at"].conditions, stack["ids"])
        for key, group in stack.get("groups", []):
            rules = hot.resolve(stack["template"]["resources"][key]["properties"]["rules"], at)
            group["security_group_rules"] += [_rule(rule) for rule in rules]
        members = [
            {
                "id": row["physical_resource_id"],
                "operating_status": "ONLINE",
                "address": f"10.20.1.{10 + number}",
                "protocol_port": 8080,
            }
            for number, row in enumerate(
                [one for one in stack["resources"] if one["resource_type"] == "OS::Octavia::PoolMember"], 1
            )
        ]
        for balancer in [row for row in stack["resources"] if row["resource_type"] == "OS::Octavia::LoadBalancer"]:
            pool = {
                "id": stack["ids"]["pool"],
                "operating_status": "ONLINE",
                "members": members,
                "health_monitor": {"id": stack["ids"]["monitor"]},
            }
            self.things.trees[balancer["physical_resource_id"]] = {
                "name": f"{stack['row']['stack_name']}-lb",
                "provisioning_status": "ACTIVE",
                "operating_status": "ONLINE",
                "listeners": [{"id": stack["ids"]["listener"], "pools": [pool]}],
            }


def _home(stack: Json) -> str:
    return str(stack.get("project", "project"))


def _rule(rule: dict[str, Any]) -> Json:
    empty: Json = dict.fromkeys(("remote_ip_prefix", "remote_group_id", "port_range_min", "port_range_max"))
    return {
        "direction": "ingress",
        "ethertype": "IPv4",
        **empty,
        **{key: value for key, value in rule.items() if key != "remote_mode"},
    }
