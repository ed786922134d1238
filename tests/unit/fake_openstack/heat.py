"""Heat: a stack's resources come up one by one when told to, and bring what the other services would have."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable
from typing import Any

import yaml

from tests.conformance.recorded import examples
from tests.unit.fake_openstack import paging
from tests.unit.fake_openstack.server import Answer, Json, Known, Query, Wire
from tests.unit.fake_openstack.template import Part, Refused, Template, read
from tests.unit.fake_openstack.things import Things

ROOT = "/orchestration/v1/[^/]+"
WHEN = "2026-11-21T06:00:{:02d}Z"
UP = datetime.datetime(2026, 11, 21, 6, 0, 43, tzinfo=datetime.UTC)  # when a stack that came up was up
TITLES = {
    400: ("Bad Request", "The server could not comply with the request since it is either malformed or otherwise incorrect."),
    403: ("Forbidden", "Access was denied to this resource."),
    404: ("Not Found", "The resource could not be found."),
    409: ("Conflict", "There was a conflict when trying to complete your request."),
    500: ("Internal Server Error", "The server has either erred or is incapable of performing the requested operation."),
}  # fmt: skip
ACCEPTED = {
    "message": "The request is accepted for processing.<br /><br />\n\n\n",
    "code": "202 Accepted",
    "title": "Accepted",
}
DOING = {"DELETE": "deleting", "SUSPEND": "suspended"}


def says(status: int, kind: str, words: str = "") -> tuple[int, Json]:
    """An error of Heat's; one of the engine's own has no words."""
    title, explanation = TITLES[status]
    error = {"type": kind, "traceback": None, **({"message": words} if words else {})}
    return status, {"code": status, "title": title, "explanation": explanation, "error": error}


class Heat:
    """Stacks by id; `finish` lets one come up, `fail` breaks one of its resources; `engines` are Heat's own services."""

    def __init__(self, wire: Wire, things: Things) -> None:
        self.things = things
        self.wire = wire
        self.stacks: dict[str, Json] = Known()
        self.refused: list[tuple[int, Json]] = []
        self.deleted: dict[str, Json] = Known()
        self.engines = [dict(examples()["engine"])]
        wire.on("GET", f"{ROOT}/stacks")(self.listing)
        wire.on("POST", f"{ROOT}/stacks")(self.create)
        wire.on("GET", f"{ROOT}/services")(self._services)
        self._on("GET", "", self._whole)
        self._on("PATCH", "", self.update)
        self._on("PUT", "", self.update)
        self._on("DELETE", "", self.delete)
        self._on("GET", "/template", lambda id_, query, body: self._any(id_)["template"])
        self._on("GET", "/files", lambda id_, query, body: {})
        self._on("GET", "/resources", self._rows)
        self._on("GET", "/events", self._asked)
        self._on("GET", "/resources/([^/]+)/metadata", self._metadata)
        self._on("POST", "/resources/([^/]+)/signal", self._signal)

    def _on(self, method: str, tail: str, run: Callable[..., Answer]) -> None:
        """A handler of a stack's own, for those who may see it."""

        def handle(id_: str, *more: str, query: Query, body: Json) -> Answer:
            found = self.stacks.get(id_) or self.deleted.get(id_)
            if found is None or not (self.wire.who.admin or self.wire.who.project == _home(found)):
                name = self.wire.path.partition("/stacks/")[2].partition("/")[0]
                return says(404, "EntityNotFound", f"The Stack ({name}) could not be found.")
            return run(id_, *more, query=query, body=body)

        self.wire.on(method, f"{ROOT}/stacks/[^/]+/([^/]+){tail}")(handle)

    def listing(self, query: Query, body: Json) -> Answer:
        asked = dict(query)
        if "tags" in asked and "name" in asked:
            return says(500, "RemoteError")
        if not asked.get("limit", "0").isdigit():
            return says(400, "HTTPBadRequest", "Only integer is acceptable by 'limit'.")
        who, ids = self.wire.who, {value for name, value in query if name == "id"}
        known = [*self.stacks.values(), *(self.deleted.values() if asked.get("show_deleted") == "true" else ())]
        found = [self._shown(one, "stack in a list") for one in known if who.admin or who.project == _home(one)]
        found = [
            one for one in found if asked.get("name") in (None, one["stack_name"]) and (not ids or one["id"] in ids)
        ]
        found = [one for one in found if asked.get("tags") is None or asked["tags"] in one["tags"]]
        return paging.heat(found, query, "stacks", "/v1/project/stacks", self.things.cap)

    def _whole(self, id_: str, query: Query, body: Json) -> Json:
        told = self._shown(self._any(id_))
        if dict(query).get("resolve_outputs", "").lower() == "false":
            told.pop("outputs", None)
        return {"stack": told}

    def _shown(self, stack: Json, kind: str = "stack") -> Json:
        """A row as Heat's views tell it: the project stands in its address, and for administrators in lists' rows too."""
        row, project = stack["row"], _home(stack)
        home = f"http://fake/orchestration/v1/{project}/stacks/{row['stack_name']}/{row['id']}"
        more = {"project": project} if self.wire.who.admin and kind != "stack" else {}
        told = {name: row.get(name, value) for name, value in examples()[kind].items()}
        if stack["row"]["stack_status"] == "DELETE_COMPLETE":
            told.pop("outputs", None)
        return {**told, **more, "links": [{"rel": "self", "href": home}]}

    def create(self, query: Query, body: Json) -> tuple[int, Json]:
        if self.refused:
            return self.refused.pop(0)
        if not {"member", "admin"} & self.wire.who.roles:
            return says(403, "Forbidden", "You are not authorized to use stacks:create.")
        name, project = body["stack_name"], self.wire.who.project
        here = [one["row"]["stack_name"] for one in self.stacks.values() if _home(one) == project]
        if name in here:
            return says(409, "StackExists", f"The Stack ({name}) already exists.")
        id_ = f"00000000-0000-0000-0000-{next(self.things.numbers):012d}"
        given = body.get("environment") or {}
        values = (yaml.safe_load(given) if isinstance(given, str) else given).get("parameters") or {}
        stack: Json = {
            "project": project,
            "log": [self._told("CREATE_IN_PROGRESS")],
            "launch": {
                "given": values,
                "own": {"OS::stack_id": id_, "OS::project_id": project, "OS::stack_name": name},
                "files": body.get("files") or {},
            },
            "resources": [],
        }
        try:
            stack["template"] = read(body["template"])
            at = Template(stack["template"], **stack["launch"])
        except Refused as error:
            return says(400, *error.args)
        stack["planned"] = list(at.parts())
        stack["row"] = {
            "id": id_,
            "stack_name": name,
            "stack_status": "CREATE_IN_PROGRESS",
            "stack_status_reason": "Stack CREATE started",
            "creation_time": WHEN.format(0),
            "updated_time": None,
            "deletion_time": None,
            "tags": body["tags"].split(","),
            "stack_owner": self.wire.who.user,
            "timeout_mins": body.get("timeout_mins", 60),
            "parameters": at.written,
            "outputs": [],
        }
        self.stacks[id_] = stack
        return 201, {"stack": {"id": id_, "links": self._shown(stack)["links"]}}

    def update(self, id_: str, query: Query, body: Json) -> tuple[int, Json]:
        if "template" in body:
            try:
                read(body["template"])
            except Refused as error:
                return says(400, *error.args)
        if id_ in self.deleted:
            return says(500, "RemoteError")
        action = self.stacks[id_]["row"]["stack_status"].partition("_")[0]
        if action in DOING:
            return says(400, "NotSupported", f"Updating a stack when it is {DOING[action]} is not supported.")
        stack = self.stacks[id_]
        stack["template"] = read(body["template"]) if body.get("template") else stack["template"]
        if body.get("parameters"):
            stack["launch"]["given"] = {**stack["launch"]["given"], **body["parameters"]}
            stack["row"]["parameters"] = Template(stack["template"], **stack["launch"]).written
        if "tags" in body:
            stack["row"]["tags"] = body["tags"].split(",")
        self.begin(id_, "UPDATE")
        return 202, ACCEPTED

    def delete(self, id_: str, query: Query, body: Json) -> tuple[int, Json | None]:
        if id_ in self.deleted:
            name = self.deleted[id_]["row"]["stack_name"]
            return says(404, "EntityNotFound", f"The Stack ({name}) could not be found.")
        self.begin(id_, "DELETE")
        self.stacks[id_]["template"] = {**self.stacks[id_]["template"], "resources": {}}
        return 204, None

    def _services(self, query: Query, body: Json) -> Answer:
        if not self.wire.who.admin:
            return says(403, "Forbidden", "You are not authorized to use service:index.")
        return {"services": self.engines}

    def _rows(self, id_: str, query: Query, body: Json) -> Answer:
        rows = self._any(id_)["resources"]
        deep = "nested_depth" in dict(query)
        kept = [one for one in rows if deep or "parent_resource" not in one]
        return {"resources": [{name: value for name, value in one.items() if name != "key"} for one in kept]}

    def _lacks(self, id_: str, name: str) -> Answer:
        stack = self._any(id_)
        if name in [one["resource_name"] for one in stack["resources"]]:
            return None
        words = f"The Resource ({name}) could not be found in Stack {stack['row']['stack_name']}."
        return says(404, "ResourceNotFound", words)

    def _metadata(self, id_: str, name: str, query: Query, body: Json) -> Answer:
        return self._lacks(id_, name) or {"metadata": {}}

    def _signal(self, id_: str, name: str, query: Query, body: Json) -> Answer:
        refused = says(400, "ResourceActionNotSupported", "signal is not supported for resource.")
        return self._lacks(id_, name) or refused

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

    def attach(self, id_: str) -> None:
        """An update's part: the volume that the stack's parameters name is attached in place of the one before."""
        stack = self.stacks[id_]
        server, kept = stack["ids"]["database"], self.things.kept["volumes"]
        parts = Template(stack["template"], **stack["launch"]).parts()
        (which,) = [one.properties["volume_id"] for one in parts if one.type == "OS::Cinder::VolumeAttachment"]
        for volume in kept.values():
            if volume["id"] != which and server in [one.get("server_id") for one in volume["attachments"]]:
                volume.update(status="available", attachments=[])
        entry = {"attachment_id": "attachment-1", "volume_id": which, "server_id": server}
        kept[which].update(status="in-use", attachments=[entry])

    def grow(self, id_: str, group: str, members: int) -> None:
        """A policy has added so many members to a group, which the template does not tell."""
        stack = self.stacks[id_]
        size = sum(row.get("parent_resource") == group for row in stack["resources"])
        for index in range(size + 1, size + members + 1):
            added = Part(f"{group}-{index}", "application.yaml", {}, group, index)
            stack["resources"].append(self._row(stack, added, "CREATE_COMPLETE"))

    def become(self, id_: str, status: str) -> None:
        """The stack is in another state, and its events say so."""
        action, _, state = status.partition("_")
        words = {"IN_PROGRESS": "started", "COMPLETE": "completed successfully"}.get(state, "failed")
        self.stacks[id_]["row"].update(stack_status=status, stack_status_reason=f"Stack {action} {words}")
        self.stacks[id_]["log"].append(self._told(status))

    def forget(self) -> None:
        """What was deleted is purged from Heat's database."""
        self.deleted.clear()

    def _told(self, status: str) -> Json:
        action, _, state = status.partition("_")
        words = {"IN_PROGRESS": "started", "COMPLETE": "completed successfully"}.get(state, "failed")
        reason = f"Stack {action} {words}"
        return {"id": f"told-{next(self.things.numbers)}", "resource_status": status, "resource_status_reason": reason}

    def gone(self, id_: str) -> None:
        """The delete has ended; retained volumes are left, detached. Heat knows the stack until it is purged."""
        self.become(id_, "DELETE_COMPLETE")
        self.deleted[id_] = stack = self.stacks.pop(id_)
        stack["row"]["deletion_time"] = stack["row"]["updated_time"] or WHEN.format(50)
        ours = {one["physical_resource_id"] for one in stack["resources"]}
        stack["resources"] = []
        ours.update([key for key, one in self.things.kept["ports"].items() if one["device_id"] in ours])
        for group in self.things.kept["firewall_groups"].values():
            group["ports"] = [port for port in group["ports"] if port not in ours]
        for name, kept in self.things.kept.items():
            for thing in [one for one in kept if one in ours and name != "volumes"]:
                del kept[thing]
        vips = {f"lb-{one}" for one in ours}
        for id_ in [one["id"] for one in self.things.kept["ports"].values() if one["device_id"] in vips]:
            del self.things.kept["ports"][id_]
        for volume in self.things.kept["volumes"].values():
            if {one.get("server_id") for one in volume["attachments"]} & ours:
                volume.update(status="available", attachments=[])

    def finish(self, id_: str) -> None:
        """Everything is up."""
        stack = self.stacks[id_]
        stack["resources"] = [self._row(stack, one, "CREATE_COMPLETE") for one in stack["planned"]]
        self.become(id_, "CREATE_COMPLETE")
        stack["row"]["outputs"] = self._at(stack).outputs()
        self._serve(id_)

    def _at(self, stack: Json) -> Template:
        """The template of a stack whose resources are there."""
        ids = {row["key"]: row["physical_resource_id"] for row in stack["resources"]}
        return Template(stack["template"], **stack["launch"], ids=ids, look=functools.partial(self._attribute, stack))

    def _attribute(self, stack: Json, name: str, path: list[Any]) -> Any:
        """What a resource tells of itself: as the service has it that it is a thing of."""
        part = next(one for one in stack["planned"] if one.key == name)
        row = next(one for one in stack["resources"] if one["key"] == name)
        if part.type == "OS::Heat::AutoScalingGroup":
            return [self._attribute(stack, one.key, ["fixed_ips", 0, "ip_address"]) for one in stack["planned"]
                    if one.group == name and one.type == "OS::Neutron::Port"]  # fmt: skip
        if part.type == "OS::Heat::ScalingPolicy":
            place = f"stacks/{stack['row']['stack_name']}/{stack['row']['id']}/resources/{name}/signal"
            return f"http://fake/orchestration/v1/{_home(stack)}/{place}"
        kept = {id_: thing for things in self.things.kept.values() for id_, thing in things.items()}
        found: Any = kept.get(row["physical_resource_id"], part.properties)
        for step in path:
            found = found[step]
        return found

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
                found.append(
                    {**_event(one), "event_time": when, "resource_status": status, "resource_status_reason": told}
                )
        stack = self._any(id_)
        root = {
            "logical_resource_id": stack["row"]["stack_name"],
            "physical_resource_id": id_,
            "resource_name": stack["row"]["stack_name"],
            "links": [{"rel": "stack", "href": f"http://fake/{id_}"}],
        }
        first, *later = stack["log"]
        found.insert(0, {**root, **first, "event_time": WHEN.format(0)})
        found += [{**root, "event_time": WHEN.format(43), **one} for one in later]
        return [{"id": f"event-{id_}-{number}", "nested": False, **one} for number, one in enumerate(found)][::-1]

    def _any(self, id_: str) -> Json:
        """A stack that is there or was deleted: Heat answers by its path for both."""
        found: Json = self.stacks.get(id_) or self.deleted[id_]
        return found

    def _asked(self, id_: str, query: Query, body: Json) -> Answer:
        """What Heat leaves of the events: by the end of their status, by resource, and no more than the limit."""
        asked = dict(query)
        if not asked.get("limit", "0").isdigit():
            return says(400, "HTTPBadRequest", "Only integer is acceptable by 'limit'.")
        ends, name, deep = asked.get("resource_status", ""), asked.get("resource_name"), "nested_depth" in asked
        found = [one for one in self.events(id_) if one["resource_status"].endswith(ends)]
        found = [one for one in found if name in (None, one["resource_name"]) and (deep or not one["nested"])]
        rows = [{key: value for key, value in one.items() if key != "nested"} for one in found]
        return paging.heat(rows, query, "events", "/v1/project/stacks/events", self.things.cap)

    def _row(self, stack: Json, one: Part, status: str) -> Json:
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
            "updated_time": WHEN.format(one.index),
            "logical_resource_id": one.name,
            "required_by": [other.key for other in stack["planned"] if one.key in other.needs and not one.group],
            "physical_resource_id": self._thing(stack, one, member),
            "links": [{"rel": "self", "href": "http://fake/self"}, {"rel": "stack", "href": f"http://fake/{place}"}],
        }
        if one.group:
            row["parent_resource"] = member if nested else one.group
        return row

    def _thing(self, stack: Json, one: Part, member: str) -> str:
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
                names = (f"{one.key}_port", f"{one.key}_server_port", f"{one.key.removesuffix('server')}port")
                port = next(name for name in names if name in own)
                for disk in one.properties.get("block_device_mapping_v2") or ():
                    root = disk.get("volume_id") or add(
                        "volumes", name="", size=int(disk["volume_size"]), status="available", attachments=[],
                        metadata={}, bootable="true",
                    )["id"]  # fmt: skip
                    made["root"] = root
                    self.things.servers._attach(made, self.things.kept["volumes"][root])
                kept = self.things.kept["ports"][own[port]]
                more = kept["fixed_ips"][1:]
                kept.update(device_id=made["id"], fixed_ips=[{"subnet_id": "subnet", "ip_address": address}, *more])
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
                made = {"id": one.properties["volume_id"] or own["data"]}
                volume = self.things.kept["volumes"][made["id"]]
                entry = {"attachment_id": "attachment-1", "volume_id": made["id"], "server_id": own["database"]}
                volume.update(status="in-use", attachments=[entry])
            case "OS::Neutron::Net":
                made = add("networks", name=one.key)
            case "OS::Neutron::Subnet":
                network = own["dmz_network" if "dmz" in one.key else "database_network"]
                version = one.properties.get("ip_version") or 4
                made = add("subnets", cidr=one.properties["cidr"], network_id=network, ip_version=version)
            case "OS::Neutron::RouterInterface":
                subnet = one.properties.get("subnet") or own[one.key.replace("interface", "subnet")]
                router = one.properties.get("router") or own["router"]
                fixed = [{"subnet_id": subnet, "ip_address": _first(self.things.kept["subnets"][subnet]) or "10.20.1.1"}]
                add(
                    "ports",
                    network_id=self.things.kept["subnets"][subnet]["network_id"],
                    device_id=router,
                    device_owner="network:router_interface",
                    fixed_ips=fixed,
                    status="ACTIVE",
                    name="",
                )
                made = {"id": f"{router}:subnet_id={subnet}"}
            case "OS::Neutron::Port":
                fixed = [{"subnet_id": "subnet", "ip_address": "10.20.1.9"}]
                if len(one.properties.get("fixed_ips") or ()) > 1:
                    six = self.things.kept["subnets"][own["database_subnet_ipv6" if "database" in one.key else "dmz_subnet_ipv6"]]
                    fixed.append({"subnet_id": six["id"], "ip_address": f"{_first(six)}9"})
                tier = "database_network" if "database" in one.key else "dmz_network"
                asked = one.properties.get("network")
                network = asked if asked in self.things.kept["networks"] else own[tier]
                made = add("ports", device_id="", device_owner="compute:nova", fixed_ips=fixed, status="ACTIVE",
                           name=f"{name}-{one.key}-opmg6yq2vvab", network_id=network)  # fmt: skip
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
                asked, subnets = one.properties.get("vip_subnet"), self.things.kept["subnets"]
                made = add(
                    "loadbalancers",
                    name=f"{name}-lb",
                    description=f"Environment {id_}",
                    provisioning_status="ACTIVE",
                    operating_status="ONLINE",
                    vip_address="10.20.1.5",
                )
                made["vip_port_id"] = add(
                    "ports",
                    device_id=f"lb-{made['id']}",
                    device_owner="Octavia",
                    network_id=subnets[asked]["network_id"] if asked in subnets else own["dmz_network"],
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
        at = self._at(stack)
        for key, group in stack.get("groups", []):
            rules = at.value(stack["template"]["resources"][key]["properties"]["rules"])
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


def _event(row: Json) -> Json:
    kept = {name: row[name] for name in ("resource_name", "physical_resource_id", "resource_status_reason", "links")}
    return {**kept, "logical_resource_id": row["resource_name"], "nested": "parent_resource" in row}


def _first(subnet: Json) -> str:
    """The address that a router takes of one of IPv6, '' of another."""
    return f"{subnet['cidr'].partition('/')[0]}1" if subnet["ip_version"] == 6 else ""


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
