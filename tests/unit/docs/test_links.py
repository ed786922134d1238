"""What a page leads to is there: other pages, headings, pictures, files of the code. `make docs` looks at the made pages."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

from tests.unit.docs.pages import PAGES, ROOT, anchors, named, prose

#: Files that are named and are not this repository's: Horizon's, OpenStack's, whoever installs it, what is made here.
ELSEWHERE = {
    "manage.py", "local_settings.py", "local/themes.py", "clouds.yaml", "sandbox/clouds.yaml", "build/docs", ".sandbox/",
    "openstack_dashboard/local/enabled/", "openstack_dashboard/local/local_settings.d/", "neutron_fwaas/common/utils.py",
}  # fmt: skip
KINDS = "py|html|js|scss|yaml|yml|json|sh|in|txt|toml|cfg"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if link.startswith(("http:", "https:")):
            continue
        path, _, anchor = link.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(link)
    assert broken == []


def test_every_page_is_in_the_table_of_contents() -> None:
    index = (ROOT / "docs/index.md").read_text()
    listed = re.findall(
        r"^(?:.+ <)?([\w-]+)>?$", "\n".join(re.findall(r"```\{toctree\}(.*?)```", index, re.DOTALL)), re.MULTILINE
    )
    pages = [page.stem for page in PAGES if page.parent.name == "docs" and page.stem != "index"]
    assert sorted(listed) == sorted(pages)


def test_files_of_the_code_that_are_named_are_there() -> None:
    tops = [top for top in ROOT.iterdir() if not top.name.startswith(".")]
    paths = [f"/{path.relative_to(ROOT)}" for top in tops for path in (top, *top.rglob("*"))]
    there = paths + [f"{path}/" for path in paths]
    gone = []
    for page, name in named(rf"[\w.*<>{{}}-]+(?:/[\w.*<>{{}}-]+)*(?:/|\.(?:{KINDS}))"):
        if name in ELSEWHERE or name.startswith("*"):
            continue
        pattern = "*/" + re.sub(r"<[^>]+>", "*", name)
        if not any(fnmatch(one, pattern) for one in there):
            gone.append(f"{page.name}: {name}")
    assert gone == []


def test_pages_that_the_code_sends_people_to_are_there() -> None:
    kinds = ("py", "yaml", "html", "json", "sh")
    files = [
        f
        for top in ("tenant_ops_dashboard", "templates", "sandbox")
        for kind in kinds
        for f in (ROOT / top).rglob(f"*.{kind}")
    ]
    told = {page for file in files for page in re.findall(r"docs/[\w/-]+\.md", file.read_text())}
    assert told
    assert sorted(page for page in told if not (ROOT / page).exists()) == []


def test_settings_and_variables_that_are_named_are_known_to_the_code() -> None:
    files = [
        f
        for top in ("tenant_ops_dashboard", "sandbox")
        for kind in ("py", "yaml")
        for f in (ROOT / top).rglob(f"*.{kind}")
    ]
    known = set(re.findall(r"TENANT_OPS_[A-Z_]+", "".join(f.read_text() for f in files)))
    told = {name for page in PAGES for name in re.findall(r"TENANT_OPS_[A-Z_]+", page.read_text())}
    assert sorted(told - known) == []


def test_policy_rules_that_are_named_are_shipped() -> None:
    shipped = yaml.safe_load((ROOT / "tenant_ops_dashboard/conf/tenant_ops_policy.yaml").read_text())
    rooms = "|".join(sorted({name.partition(":")[0] for name in shipped if ":" in name}))
    told = {name for _page, name in named(rf"(?:{rooms}):[a-z_]+")}
    assert told
    assert sorted(told - set(shipped)) == []
