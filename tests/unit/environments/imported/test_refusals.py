"""What is no template, no environment file, or lacks a file is refused with its place, and nothing is asked of OpenStack."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.declared import SLUG, Imported
from tenant_ops_dashboard.environments.errors import NotValid
from tenant_ops_dashboard.environments.model import Request
from tenant_ops_dashboard.environments.planning import plan
from tenant_ops_dashboard.environments.template.imported import files, folder

HEAD = "heat_template_version: wallaby\n"
NET = HEAD + "resources: {net: {type: OS::Neutron::Net}}\n"


def problems(cloud: Cloud, template: str, environment: str = "") -> dict[str, str]:
    return dict(plan.plan(cloud, Request("shop", SLUG, {}, Imported(template, (), environment))).problems)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("", "This is no template: it is not a mapping"),
        ("- a\n- b\n", "This is no template: it is not a mapping"),
        ("resources:\n\tnet: {}\n", "line 2, column 1: found character that cannot start any token"),
        ("a: [1\nb: 2", "This is no YAML: line 2"),
        ("a: &x [*x]", "inside of what it stands for"),
        ("[" * 200, "60 levels inside each other"),
        ("AWSTemplateFormatVersion: 2010-09-09\nResources: {}", "CloudFormation template"),
        ("resources: {n: {type: OS::Neutron::Net}}", "heat_template_version: is missing; write for example 2018-08-31."),
        (HEAD, "resources: must be a mapping by name."),
        (HEAD + "resources: [a]", "resources: must be a mapping by name."),
        (HEAD + "resource: {}\nresources: {}", "resource: is no section of a template."),
        (HEAD + "resources: {n: OS::Neutron::Net}", "resources.n: must be a mapping with a type."),
        (HEAD + "resources: {n: {properties: {}}}", "resources.n.type: must be the name of a resource type."),
        (HEAD + "resources: {n: {type: A, property: {}}}", "resources.n.property: is no key of a resource."),
        (HEAD + "resources: {n: {type: A, properties: [1]}}", "resources.n.properties: must be a mapping by name."),
        (HEAD + "resources: {n: {type: A, depends_on: [m]}}", "resources.n.depends_on: there is no resource 'm'."),
        (HEAD + "resources: {n: {type: A, properties: {a: [{b: {get_resource: m}}]}}}",
         "resources.n.properties.a[0].b: there is no resource 'm'."),
        (HEAD + "resources: {n: {type: A, condition: {get_param: big}}}",
         "resources.n.condition: there is no parameter 'big'."),
        (HEAD + "resources: {}\noutputs: {o: {value: {get_attr: [n, x]}}}", "outputs.o.value: there is no resource 'n'."),
        (HEAD + "resources: {}\noutputs: {o: 1}", "outputs.o: has no value."),
        (HEAD + "resources: {}\nparameters: {p: {type: text}}", "parameters.p.type: must be one of these: string, number"),
        (HEAD + "resources: {}\nparameters: {p: {type: string, min: 1}}", "parameters.p.min: is no key of a parameter."),
        (HEAD + "resources: {}\nparameters: {p: {type: string, constraints: {}}}", "parameters.p.constraints: must be a list"),
        (HEAD + "resources: {}\nparameter_groups: [{parameters: [p]}]",
         "parameter_groups[0].parameters: there is no parameter 'p'."),
    ],
)  # fmt: skip
def test_what_is_no_template_has_its_place(cloud: Cloud, template: str, said: str) -> None:
    assert said in problems(cloud, template)["template"]


def test_three_places_are_told_at_most(cloud: Cloud) -> None:
    told = problems(cloud, HEAD + "resources: {a: 1, b: 1, c: 1, d: 1}")["template"]
    assert [name in told for name in ("resources.a", "resources.c", "resources.d")] == [True, True, False]


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ("- a", "This is no environment file"),
        ("a: [", "not YAML"),
        ("answers: {}", "answers: is no section of an environment file."),
        ("parameters: 7", "parameters: must be a mapping by name."),
        ("parameters: {size: 7}", "parameters.size: the template has no such parameter."),
    ],
)
def test_what_is_no_environment_file_has_its_place(cloud: Cloud, environment: str, said: str) -> None:
    assert said in problems(cloud, NET, environment)["environment"]


def test_nothing_of_it_reaches_openstack(cloud: Cloud) -> None:
    assert set(problems(cloud, "a: 1")) == {"template"}
    assert problems(cloud, NET) == {}


def refer(*names: str) -> str:
    lines = (
        f"  r{number}: {{type: A, properties: {{x: {{get_file: '{name}'}}}}}}" for number, name in enumerate(names)
    )
    return HEAD + "resources:\n" + "\n".join(lines)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gone.sh", "resources.r0.properties.x: the file 'gone.sh' is not there: add it."),
        ("../above.sh", "'../above.sh' is outside of the template's folder"),
        ("/etc/passwd", "'/etc/passwd' is outside of the template's folder"),
        ("a/../../above.sh", "is outside of the template's folder"),
        ("http://example.org/a.sh", "is at an address, and nothing is fetched: put the file beside."),
        ("file:///etc/passwd", "is at an address, and nothing is fetched"),
        ("link.sh", "the file 'link.sh' is not there"),
    ],
)
def test_a_file_that_is_not_there_or_elsewhere_is_named_with_its_place(tmp_path: Path, name: str, said: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "above.sh").write_text("secret")
    (home / "link.sh").symlink_to(tmp_path / "above.sh")
    (home / "mine.yaml").write_text(refer(name))
    with pytest.raises(NotValid) as caught:
        folder.read(home / "mine.yaml")
    assert said in caught.value.problems["files"]


def test_files_are_found_from_the_template_that_refers_to_them(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "mine.yaml").write_text(
        HEAD + "resources: {s: {type: lib/inner.yaml}, t: {type: 'http://x.org/a.yaml'}}"
    )
    (tmp_path / "lib" / "inner.yaml").write_text(refer("start.sh"))
    (tmp_path / "lib" / "start.sh").write_text("inner")
    found = folder.read(tmp_path / "mine.yaml")
    assert dict(found.files)["start.sh"] == "inner"
    (tmp_path / "start.sh").write_text("outer")
    (tmp_path / "mine.yaml").write_text(
        refer("start.sh").replace("resources:", "resources:\n  s: {type: lib/inner.yaml}")
    )
    with pytest.raises(NotValid, match=r"two files are called 'start\.sh' here"):
        folder.read(tmp_path / "mine.yaml")


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"\xff\xfe\x00", "is no text in UTF-8"), (b"x" * (4 * 2**20 + 1), "is larger than a template may be")],
)
def test_a_file_that_is_no_text_or_too_large_is_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "mine.yaml").write_bytes(content)
    with pytest.raises(NotValid, match=said):
        folder.read(tmp_path / "mine.yaml")
    with pytest.raises(NotValid, match="cannot be read: No such file"):
        folder.read(tmp_path / "gone.yaml")


def test_more_than_may_be_sent_is_refused() -> None:
    many = refer(*(f"f{number}" for number in range(files.MOST_FILES + 1)))
    with pytest.raises(NotValid, match="More than 50 files"):
        files.gather(many, "", lambda path: "x")
    with pytest.raises(NotValid, match="1,048,576 characters"):
        files.gather(refer("a", "b"), "", lambda path: "x" * 600_000)
