"""Heat: a stack from being asked for to being gone, its lists, pages and events, and what is refused."""

from __future__ import annotations

import json
from typing import Any

from tests.conformance.registry import case
from tests.conformance.target import NOTHING, Answer, Json, Person, Target

TEMPLATE: Json = {
    "heat_template_version": "2018-08-31",
    "parameters": {"size": {"type": "number", "default": 1}},
    "resources": {
        "first": {"type": "OS::Heat::TestResource"},
        "second": {"type": "OS::Heat::TestResource", "depends_on": "first"},
        "group": {
            "type": "OS::Heat::ResourceGroup",
            "properties": {"count": 2, "resource_def": {"type": "OS::Heat::RandomString"}},
        },
    },
    "outputs": {"told": {"description": "The size.", "value": {"get_param": "size"}}},
}
TITLES = {
    400: ("Bad Request", "The server could not comply with the request since it is either malformed or otherwise incorrect."),
    403: ("Forbidden", "Access was denied to this resource."),
    404: ("Not Found", "The resource could not be found."),
    409: ("Conflict", "There was a conflict when trying to complete your request."),
    500: ("Internal Server Error", "The server has either erred or is incapable of performing the requested operation."),
}  # fmt: skip


def said(code: int, kind: str, words: str = "") -> tuple[int, Json]:
    """An error of Heat's; one of the engine's own has no words."""
    title, explanation = TITLES[code]
    error = {"type": kind, "traceback": None, **({"message": words} if words else {})}
    return code, {"code": code, "title": title, "explanation": explanation, "error": error}


MISSING = said(404, "EntityNotFound", "The Stack (ID) could not be found.")


def ask_for(t: Target, template: Any = TEMPLATE, person: str = "owner", **fields: Any) -> Answer:
    """A stack named as the case is, with tags."""
    body = {"stack_name": t.name, "template": template, "tags": f"{t.name},x", "files": {}, "timeout_mins": 5, **fields}
    return t.person(person).post("orchestration", "/stacks", body)


def stack(t: Target, template: Any = TEMPLATE, **fields: Any) -> str:
    """One that was asked for, by its path."""
    answer = ask_for(t, template, **fields)
    assert answer.status == 201, answer
    path = f"/stacks/{t.name}/{answer.body['stack']['id']}"
    t.after(lambda: _take_away(t, path))
    return path


def becomes(t: Target, path: str, status: str) -> Json:
    """The stack in this state, which is waited for."""
    found: list[Json] = []

    def there() -> bool:
        answer = t.person().get("orchestration", path)
        assert answer.status == 200, answer
        found.append(answer.body["stack"])
        return bool(found[-1]["stack_status"] == status)

    t.until(there)
    return found[-1]


@case
def a_stack(t: Target) -> None:
    me = t.person()
    path = stack(t, json.dumps(TEMPLATE), environment='{"parameters": {"size": "2"}}')
    id_ = path.rpartition("/")[2]
    begun = me.get("orchestration", path).body["stack"]
    assert begun["stack_status"] in ("CREATE_IN_PROGRESS", "CREATE_COMPLETE")
    again = ask_for(t)
    assert again.refused(t.name) == said(409, "StackExists", "The Stack (ID) already exists.")
    up = becomes(t, path, "CREATE_COMPLETE")
    t.recorded.like("stack", up)
    t.recorded.like("stack", begun)
    assert up["stack_status_reason"] == "Stack CREATE completed successfully"
    own = {"OS::stack_id": id_, "OS::project_id": me.project, "OS::stack_name": t.name}
    assert up["parameters"] == {**own, "size": "2"}
    assert up["outputs"] == [{"output_key": "told", "description": "The size.", "output_value": 2}]
    assert "outputs" not in me.get("orchestration", f"{path}?resolve_outputs=false").body["stack"]
    assert (up["tags"], up["updated_time"]) == ([t.name, "x"], None)
    assert me.get("orchestration", f"{path}/template").body == TEMPLATE
    assert me.get("orchestration", f"{path}/files").body == {}
    _resources(t, me, path)
    _lists(t, me, id_)
    _events(t, me, path)
    _updates(t, me, path)
    _ends(t, me, path, id_)


def _resources(t: Target, me: Person, path: str) -> None:
    rows = me.get("orchestration", f"{path}/resources").body["resources"]
    assert {one["resource_name"] for one in rows} == {"first", "second", "group"}
    for row in rows:
        t.recorded.like("resource", row)
        assert row["resource_status"] == "CREATE_COMPLETE"
        assert {one["rel"] for one in row["links"]} - {"nested"} == {"self", "stack"}
    assert {one["resource_name"]: one["required_by"] for one in rows} == {
        "first": ["second"],
        "second": [],
        "group": [],
    }
    deep = me.get("orchestration", f"{path}/resources", nested_depth=2).body["resources"]
    members = [one for one in deep if one.get("parent_resource") == "group"]
    assert {one["resource_name"] for one in members} == {"0", "1"}
    assert {one["resource_type"] for one in members} == {"OS::Heat::RandomString"}
    t.recorded.like("resource of a group", members[0])
    metadata = me.get("orchestration", f"{path}/resources/first/metadata")
    assert (metadata.status, metadata.body) == (200, {"metadata": {}})
    missing = said(404, "ResourceNotFound", "The Resource (zz) could not be found in Stack ID.")
    assert me.get("orchestration", f"{path}/resources/zz/metadata").refused(t.name) == missing
    assert me.post("orchestration", f"{path}/resources/zz/signal", {}).refused(t.name) == missing
    refused = said(400, "ResourceActionNotSupported", "signal is not supported for resource.")
    assert me.post("orchestration", f"{path}/resources/first/signal", {}).refused() == refused


def _lists(t: Target, me: Person, id_: str) -> None:
    def ids(person: Person = me, **query: Any) -> list[str]:
        return [one["id"] for one in person.get("orchestration", "/stacks", **query).body["stacks"]]

    (row,) = me.get("orchestration", "/stacks", name=t.name).body["stacks"]
    t.recorded.like("stack in a list", row)
    assert ids(tags=t.name) == ids(id=id_) == ids(name=t.name, strange="1") == ids(id=[id_, NOTHING]) == [id_]
    assert ids(tags="other") == ids(id=NOTHING) == []
    both = me.get("orchestration", "/stacks", tags=t.name, name=t.name)
    assert both.refused() == said(500, "RemoteError")
    first = me.get("orchestration", "/stacks", tags=t.name, limit=1)
    assert first.ways("links") == {"next": {"tags": [t.name], "limit": ["1"], "marker": [id_]}}
    assert "links" not in me.get("orchestration", "/stacks", tags=t.name, limit=2).body
    assert me.get("orchestration", "/stacks", tags=t.name, limit=1, marker=id_).body == {"stacks": []}
    assert ids(tags=t.name, limit=1, marker=NOTHING) == [id_]
    assert me.get("orchestration", "/stacks", tags=t.name, with_count="true").body["count"] == 1
    assert ids(t.person("developer"), name=t.name) == []
    (row,) = t.person("operator").get("orchestration", "/stacks", name=t.name).body["stacks"]
    assert row["project"] == me.project
    wrong = said(400, "HTTPBadRequest", "Only integer is acceptable by 'limit'.")
    assert me.get("orchestration", "/stacks", limit="x").refused() == wrong
    path = f"/stacks/{t.name}/{id_}"
    assert t.person("developer").get("orchestration", path).refused(t.name) == MISSING
    assert t.person("operator").get("orchestration", path).status == 200
    assert me.get("orchestration", "/services").refused() == said(
        403, "Forbidden", "You are not authorized to use service:index."
    )
    t.recorded.like("engine", t.person("operator").get("orchestration", "/services").body["services"][0])


def _events(t: Target, me: Person, path: str) -> None:
    place = f"{path}/events"

    def told(**query: Any) -> list[tuple[str, str]]:
        rows = me.get("orchestration", place, **query).body["events"]
        return [(one["resource_name"], one["resource_status"]) for one in rows]

    every = me.get("orchestration", place).body["events"]
    t.recorded.like("event", every[0])
    assert told()[0] == (t.name, "CREATE_COMPLETE")
    assert told()[-1] == (t.name, "CREATE_IN_PROGRESS")
    assert {one for one, _ in told()} == {t.name, "first", "second", "group"}
    assert told(resource_name=t.name) == [(t.name, "CREATE_COMPLETE"), (t.name, "CREATE_IN_PROGRESS")]
    assert {status for _, status in told(resource_status="COMPLETE")} == {"CREATE_COMPLETE"}
    assert told(resource_name="nothing") == []
    assert told(limit=2) == told()[:2]
    assert told(limit=2, marker=every[1]["id"]) == told()[2:4]
    assert told(limit=2, marker=NOTHING) == told()[:2]
    assert set(me.get("orchestration", place, limit=1).body) == {"events"}
    assert len(told(nested_depth=2)) > len(told())
    wrong = said(400, "HTTPBadRequest", "Only integer is acceptable by 'limit'.")
    assert me.get("orchestration", place, limit="x").refused() == wrong


def _updates(t: Target, me: Person, path: str) -> None:
    for method in (me.put, me.patch):
        invalid = method("orchestration", path, {"template": "nonsense", "files": {}})
        words = "Template not in valid format: The template is not a JSON object or YAML mapping."
        assert invalid.refused() == said(400, "HTTPBadRequest", words)
        if method == me.put:
            continue
        begun = method("orchestration", path, {"existing": True, "template": TEMPLATE, "files": {}})
        assert begun.status == 202
        assert begun.body["code"] == "202 Accepted"
    shown = me.get("orchestration", path).body["stack"]
    assert shown["stack_status"] in ("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE")
    assert becomes(t, path, "UPDATE_COMPLETE")["updated_time"] is not None


def _ends(t: Target, me: Person, path: str, id_: str) -> None:
    assert me.delete("orchestration", path).status == 204
    refused = said(400, "NotSupported", "Updating a stack when it is deleting is not supported.")
    gone = said(500, "RemoteError")
    assert me.patch("orchestration", path, {"existing": True}).refused() in (refused, gone)
    assert me.delete("orchestration", path).status in (204, 404)
    left = becomes(t, path, "DELETE_COMPLETE")
    assert "outputs" not in left
    t.until(lambda: me.delete("orchestration", path).refused(t.name) == MISSING)
    t.until(lambda: me.get("orchestration", "/stacks", name=t.name).body["stacks"] == [])
    (row,) = me.get("orchestration", "/stacks", name=t.name, show_deleted="true").body["stacks"]
    assert (row["id"], row["stack_status"]) == (id_, "DELETE_COMPLETE")
    assert row["deletion_time"]
    t.recorded.like("stack in a list", row)
    assert me.get("orchestration", f"{path}/resources").body == {"resources": []}
    template = me.get("orchestration", f"{path}/template").body
    assert (template["resources"], template["parameters"]) == ({}, TEMPLATE["parameters"])
    assert me.get("orchestration", f"{path}/files").body == {}
    event = me.get("orchestration", f"{path}/events", limit=1).body["events"][0]
    assert (event["resource_name"], event["resource_status"]) == (t.name, "DELETE_COMPLETE")


@case
def what_heat_has_not_and_does_not_understand(t: Target) -> None:
    me, path = t.person(), f"/stacks/none/{NOTHING}"
    missing = said(404, "EntityNotFound", "The Stack (none) could not be found.")
    for place in ("", "/template", "/files", "/resources", "/events", "/resources/a/metadata"):
        assert me.get("orchestration", path + place).refused() == missing, place
    assert me.patch("orchestration", path, {"existing": True}).refused() == missing
    assert me.delete("orchestration", path).refused() == missing
    assert me.post("orchestration", f"{path}/resources/a/signal", {}).refused() == missing
    words = "Template not in valid format: The template is not a JSON object or YAML mapping."
    assert ask_for(t, "nonsense").refused() == said(400, "HTTPBadRequest", words)
    answer = ask_for(t, environment='{"parameters": {"strange": "2"}}')
    assert answer.refused() == said(400, "UnknownUserParameter", "The Parameter (strange) was not defined in template.")
    needs = {**TEMPLATE, "parameters": {"size": {"type": "number"}}}
    answer = ask_for(t, needs)
    assert answer.refused() == said(400, "UserParameterMissing", "The Parameter (size) was not provided.")
    assert ask_for(t, person="auditor").status == 403


@case
def a_stack_that_fails(t: Target) -> None:
    me = t.person()
    broken = {"type": "OS::Heat::TestResource", "properties": {"fail": True}}
    path = stack(t, {"heat_template_version": "2018-08-31", "resources": {"broken": broken}})
    t.breaks(path, "broken", "ValueError: resources.broken: Test Resource failed broken")
    down = becomes(t, path, "CREATE_FAILED")
    assert down["stack_status_reason"].startswith("Resource CREATE failed: ValueError: resources.broken")
    (row,) = me.get("orchestration", f"{path}/resources").body["resources"]
    assert (row["resource_status"], row["resource_status_reason"][:31]) == (
        "CREATE_FAILED", "ValueError: resources.broken: T"
    )  # fmt: skip
    events = me.get("orchestration", f"{path}/events").body["events"]
    assert (events[0]["resource_name"], events[0]["resource_status"]) == (t.name, "CREATE_FAILED")


def _take_away(t: Target, path: str) -> None:
    me = t.person()
    me.delete("orchestration", path)
    t.until(lambda: me.get("orchestration", path).body["stack"]["stack_status"] == "DELETE_COMPLETE")
