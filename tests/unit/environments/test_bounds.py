"""A template asks for no more work than one may: counted in steps, never by the clock."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import errors, launch, watch
from tenant_ops_dashboard.environments.heat import resources, stack
from tenant_ops_dashboard.environments.model import Environment, Request
from tenant_ops_dashboard.environments.planning import plan
from tenant_ops_dashboard.environments.template import blueprint, budget, hot
from tests.unit.fake_openstack.server import Json, Query
from tests.unit.fake_openstack.world import World

TOO_LARGE = "This template asks for more than can be worked out here: only a part of it is told."


def scope(**parameters: Any) -> hot.Scope:
    return hot.Scope(parameters)


def chained(length: int) -> Any:
    """3 kB that ask for 1 GB where what was put in is looked at again."""
    params = {f"k{number}": f"k{number + 1}" * 10 for number in range(length)}
    return {"str_replace": {"template": "k0", "params": {**params, f"k{length}": "x" * 1000}}}


def test_what_was_put_in_is_not_looked_at_again() -> None:
    at = scope()
    assert hot.resolve(chained(8), at) == "k1" * 10
    assert not at.budget.problems


@pytest.mark.parametrize(
    ("template", "params", "made"),
    [
        ("abcd", {"ab": "1", "bcd": "2"}, "a2"),  # the longer key counts, wherever it stands
        ("aab", {"a": "b", "b": "a"}, "bba"),
        ("xyxy", {"xy": "x", "x": "-", "y": "+"}, "xx"),
        ("a and b", {"a": ["x", 1], "b": {"c": True}}, '["x", 1] {"c": true}nd {"c": true}'),
        ("n", {"n": 7}, "7"),
        ("", {"": "x"}, ""),
        ("$a", {"$a": {"get_attr": ["x", "y"]}}, None),
        (7, {"a": "b"}, None),
    ],
)
def test_texts_are_replaced_as_heat_replaces_them(template: Any, params: dict[str, Any], made: str | None) -> None:
    expected = made
    if made and "[" in made:
        expected = '["x", 1] ' + '["x", 1]nd {"c": true}'
    assert hot.resolve({"str_replace": {"template": template, "params": params}}, scope()) == expected


def heats(template: str, params: dict[str, str]) -> str:
    """What Heat does, as it is told in its documentation: split by the longest key first, then by the others."""

    def replace(text: str, keys: list[str]) -> str:
        if not keys:
            return text
        return params[keys[0]].join(replace(part, keys[1:]) for part in text.split(keys[0]))

    return replace(template, sorted(sorted(params), key=len, reverse=True))


def test_every_small_replacement_is_heats() -> None:
    texts = ["".join(letters) for size in range(5) for letters in itertools.product("ab", repeat=size)]
    for template, one, two in itertools.product(texts, texts[1:7], texts[1:7]):
        params = {one: "ba", two: "x"}
        found = hot.resolve({"str_replace": {"template": template, "params": params}}, scope())
        assert found == heats(template, params), (template, params)


def test_a_long_text_is_unknown_and_told() -> None:
    at = scope()
    value = {"str_replace": {"template": "a" * 10_000, "params": {"a": "b" * 1_000}}}
    assert hot.resolve(value, at) is None
    assert at.budget.problems == ["A text of 10,000,000 characters is left out: at most 65,536 are worked out."]
    assert hot.resolve({"list_join": ["x" * 60_000, ["a", "b", "c"]]}, scope()) is None
    assert hot.resolve({"list_join": ["-", ["a"] * 30_000]}, scope()) == "-".join("a" * 30_000)


def bomb(levels: int, width: int = 10) -> Any:
    """A list whose parts are the same list, as YAML's aliases make it: small in memory, endless where it is copied."""
    made: Any = ["x"]
    for _ in range(levels):
        made = [made] * width
    return made


@pytest.mark.parametrize(
    "value",
    [
        bomb(12),
        {"list_join": ["-", [bomb(12)]]},
        {"str_replace": {"template": "a", "params": {"a": bomb(12)}}},
        {"list_concat": [bomb(12), bomb(12)]},
        {"equals": [bomb(12), bomb(12)]},
        {"if": [{"and": [True]}, bomb(12), None]},
        {"str_replace": {"template": "a" * 60_000, "params": {"a" * n: "b" for n in range(1, 2_000)}}},
    ],
)
def test_aliases_and_wide_functions_end_where_the_work_is_used_up(value: Any) -> None:
    at = scope()
    hot.resolve(value, at)
    assert at.budget.steps > -2_000_000
    assert at.budget.steps < 0 or at.budget.characters < 0 or at.budget.problems


def test_a_value_inside_itself_ends() -> None:
    circle: list[Any] = []
    circle.append({"list_concat": circle})
    at = scope()
    assert hot.resolve(circle, at) is None
    assert at.budget.problems == [TOO_LARGE]


def test_many_texts_together_are_bounded() -> None:
    at = scope()
    one = {"list_join": ["", ["x" * 60_000]]}
    assert hot.resolve([one] * 1_000, at) is None
    assert at.budget.problems == [TOO_LARGE]


def bomb(levels: int) -> str:
    """Ten times as many values with each level."""
    return "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 10)}]\n" for n in range(levels)
    )


BOMB = bomb(12)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- " * 30_000 + "x", "levels inside each other"),  # this one ended the process
        ("[" * 900, "levels inside each other"),
        ("resources: 2001-99-99", "no resources"),  # a date is a text
        (BOMB + "resources: {}", "with what its aliases stand for written out"),
        ("".join(f"m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * 9 if n else [])}]}}\n" for n in range(12)), "aliases"),
        ("resources: &r {a: *r}", "inside of what it stands for"),
        ("resources: {a: !!timestamp x}", "not YAML"),
        ("resources: {a: " + "9" * 5_000 + "}", "not YAML"),
        ("x" * (2**20 + 1), "more than 1,048,576 characters"),
        ("resources: [a]", "no resources"),
    ],
)
def test_a_text_that_is_no_template_is_a_sentence(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        hot.parse(text)


def write(folder: Path, template: str, about: str = "title: Mine\n") -> Path:
    place = folder / "mine"
    place.mkdir()
    (place / "template.yaml").write_text(template)
    (place / "blueprint.yaml").write_text(about)
    return folder


GROUP = """
heat_template_version: 2021-04-16
resources:
  many:
    type: OS::Heat::ResourceGroup
    properties:
      count: %s
      resource_def: {type: OS::Nova::Server, properties: {flavor: small, networks: [{network: n}, {port: p}]}}
  disks:
    type: OS::Heat::ResourceGroup
    properties: {count: 7, resource_def: {type: OS::Cinder::Volume, properties: {size: 3}}}
"""


@pytest.mark.parametrize("count", [20_000, 10**12])
def test_a_group_of_thousands_is_counted_and_a_hundred_are_listed(tmp_path: Path, cloud: Cloud, count: int) -> None:
    made = plan.plan(cloud, Request("big", "mine"), [write(tmp_path, GROUP % count)])
    adds = {line.resource: line.adds for line in made.quotas}
    assert (adds["instances"], adds["cores"], adds["ram"], adds["port"]) == (count, count, count * 2048, count)
    assert (adds["volumes"], adds["gigabytes"], adds["stacks"]) == (7, 21, 3)
    assert made.total == count + 9
    assert len(made.resources) == 100
    assert (len(made.picture.boxes), made.picture.more) == (100, count + 7 - 100)
    assert "Servers" in made.problems[""]


def test_members_that_differ_are_not_told_by_the_hundredth(tmp_path: Path, cloud: Cloud) -> None:
    differing = (GROUP % 7).replace("count: 7,", "count: 101,").replace("size: 3", 'size: "1%index%"')
    made = plan.plan(cloud, Request("big", "mine"), [write(tmp_path, differing)])
    assert made.unknown == ("How much the members of disks take cannot be told: it differs with their number.",)


def test_a_group_whose_template_is_missing_is_refused(tmp_path: Path, cloud: Cloud) -> None:
    titled = "resources: {g: {type: OS::Heat::ResourceGroup, metadata: {tenant_ops: {titles: {server: Server}}},"
    folder = write(tmp_path, f"{titled} properties: {{count: 2, resource_def: {{type: gone.yaml}}}}}}}}")
    made = plan.plan(cloud, Request("shop", "mine"), [folder])
    assert "a member of g needs gone.yaml, which is not in its folder" in made.problems["blueprint"]


NESTED = """
heat_template_version: 2021-04-16
resources:
  inside:
    type: OS::Heat::ResourceGroup
    properties: {count: 100, resource_def: {type: template.yaml}}
  server: {type: OS::Nova::Server, properties: {flavor: small}}
"""


def test_templates_inside_each_other_end(tmp_path: Path, cloud: Cloud) -> None:
    at = hot.scope(hot.parse(NESTED), {}, "x", {"template.yaml": NESTED})
    found = hot.resources(hot.parse(NESTED), at)
    assert len(found) < budget.STEPS
    assert at.budget.problems == [TOO_LARGE]


@pytest.mark.parametrize(
    "about",
    ["title: Mine\nparameters: all\n", "title: [1]\nsummary: {a: 1}\n", "title: Mine\nparameters: [x, 7, {}]\n",
     "title: Mine\n" + BOMB],
)  # fmt: skip
def test_an_odd_blueprint_closes_no_page(tmp_path: Path, cloud: Cloud, about: str) -> None:
    folder = write(tmp_path, "resources: {s: {type: OS::Nova::Server}}", about)
    found = blueprint.catalogue([folder])
    assert [one.slug for one in found][:2] == ["tomcat-oracle", "web-jump"]
    if "mine" in {one.slug for one in found}:
        assert plan.plan(cloud, Request("shop", "mine"), [folder]).total == 1


def test_a_blueprint_of_aliases_is_planned_in_bounds_and_not_launched(tmp_path: Path, cloud: Cloud) -> None:
    template = f"{bomb(4)}resources: {{s: {{type: OS::Nova::Server, properties: {{x: [{', '.join(['*e'] * 10)}]}}}}}}\n"
    folder = write(tmp_path, template)
    made = plan.plan(cloud, Request("shop", "mine"), [folder])
    assert made.problems["blueprint"] == TOO_LARGE
    with pytest.raises(errors.NotValid):
        launch.launch(cloud, Request("shop", "mine"), [folder])


def group(world: World, made: Environment, count: int, state: str = "CREATE_COMPLETE") -> None:
    """The stack is a group of so many servers, all of them known to Heat."""
    kept = world.heat.stacks[made.id]
    kept["template"] = hot.parse(GROUP % count)
    kept["row"]["outputs"] = []
    link = {"rel": "stack", "href": f"http://fake/{made.id}"}
    row = {"resource_status": state, "resource_status_reason": "", "creation_time": "2026-11-21T06:00:00Z",
           "links": [link]}  # fmt: skip
    kept["resources"] = [
        {**row, "resource_name": "many", "resource_type": "OS::Heat::ResourceGroup", "physical_resource_id": "group"},
        *({**row, "resource_name": str(number), "resource_type": "OS::Nova::Server", "parent_resource": "many",
           "physical_resource_id": f"server-{number}"} for number in range(count)),
    ]  # fmt: skip


def test_a_page_of_20_000_servers_lists_a_hundred_and_counts_all(
    world: World, cloud: Cloud, standing: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    group(world, standing, 20_000)
    monkeypatch.setattr(world.heat, "events", lambda id_: [])
    known = [{"id": f"server-{number}", "status": "ACTIVE"} for number in range(20_000)]

    @world.wire.on("GET", "/compute/v2.1/servers/detail")
    def paged(query: Query, body: Json) -> Json:
        asked = dict(query)
        begin = int(asked["marker"].partition("-")[2]) + 1 if "marker" in asked else 0
        return {"servers": known[begin : begin + int(asked["limit"])]}

    world.wire.handlers.insert(0, world.wire.handlers.pop())
    details = watch.details(cloud, standing.id)
    assert (len(details.picture.boxes), details.picture.more) == (100, 19_907)
    assert (len(details.progress.resources), details.progress.more) == (100, 19_909)
    assert (details.progress.done, details.progress.total) == (20_001, 20_009)
    assert len(watch.version(details)) == 24
    del known[1:]
    details = watch.details(cloud, standing.id)
    assert len(details.drift) == 101
    assert details.drift[-1].sentence == "And 19,899 more things."


def test_a_launch_that_heat_refused_is_drawn_with_a_hundred(world: World, cloud: Cloud, building: Environment) -> None:
    kept = world.heat.stacks[building.id]
    kept["template"] = hot.parse(GROUP % 20_000)
    kept["row"]["stack_status"] = "CREATE_FAILED"
    details = watch.details(cloud, building.id)
    assert (len(details.picture.boxes), details.picture.more) == (100, 19_907)
    assert (details.progress.done, details.progress.total) == (0, 20_009)


def test_what_is_in_trouble_is_listed_before_what_is_well() -> None:
    items = ["good"] * 500 + ["failed"]
    listed, more = budget.chosen(items, lambda one: one == "failed")
    assert (listed, more) == (("good",) * 99 + ("failed",), 401)


def test_a_reason_of_a_megabyte_is_cut() -> None:
    assert len(resources.reason("Resource x failed: " * 60_000)) <= resources.LONGEST
    assert stack.read({"stack_status_reason": "x" * 10**6}).reason == "x" * 3_999 + "…"


def test_members_beyond_the_hundredth_are_promised_too(world: World, cloud: Cloud, standing: Environment) -> None:
    group(world, standing, 150)
    kept = world.heat.stacks[standing.id]
    for row in kept["resources"][1:]:
        row["resource_type"] = "OS::Octavia::PoolMember"
    kept["template"] = hot.parse((GROUP % 150).replace("OS::Nova::Server", "OS::Octavia::PoolMember"))
    (proof,) = [one for one in watch.details(cloud, standing.id).proofs if one.name == "members"]
    assert proof.evidence.startswith("0 of 150 up")
