"""A broken policy file and a token that is for no project: Horizon's pages stand, ours say why they do not open."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from openstack_auth import policy as horizon_policy
from openstack_auth import utils as auth_utils

from tenant_ops_dashboard import apps, policy
from tenant_ops_dashboard.panels import access

BROKEN = ["- environments:read\n", '"environments:read": [role:reader\n', "words\n", '"environments:read": 7\n', None]


@pytest.fixture(params=BROKEN, ids=["list", "no-yaml", "words", "number", "missing"])
def broken(request, tmp_path, monkeypatch) -> Path:
    file = tmp_path / "policy.yaml"
    if request.param is not None:
        file.write_text(request.param)
    monkeypatch.setenv(policy.VARIABLE, str(file))
    return file


def asked(rf, path="/"):
    request = rf.get(path)
    request.user = auth_utils.get_user(request)
    request.session = {}
    return request


def test_our_pages_say_that_the_policy_file_cannot_be_read(client, owner, world, broken):
    answer = client.get("/tenant_ops/")
    assert answer.status_code == 403
    assert b"policy file cannot be read" in answer.content


def test_the_navigation_stands_on_every_page_of_horizon(rf, owner, broken):
    assert access.shown({"request": asked(rf)}, "environments:read", ()) is False


def test_horizon_s_own_checks_stand_when_it_is_started_with_it(rf, owner, broken, settings, monkeypatch):
    settings.POLICY_FILES = {**settings.POLICY_FILES, policy.SCOPE: str(broken)}
    settings.DEFAULT_POLICY_FILES = dict(settings.DEFAULT_POLICY_FILES)
    monkeypatch.delenv(policy.VARIABLE)
    apps.TenantOpsConfig.create("tenant_ops_dashboard").ready()
    horizon_policy.reset()
    try:
        assert horizon_policy.check((("identity", "identity:get_user"),), asked(rf)) in (True, False)
        assert not horizon_policy.check((("tenant_ops", "environments:read"),), asked(rf)), "and nothing of ours opens"
    finally:
        horizon_policy.reset()
    assert os.environ[policy.VARIABLE] == str(broken), "once mended it counts, without a restart"


def test_pages_ask_with_what_the_token_is_for(rf, owner, tmp_path, monkeypatch):
    file = tmp_path / "policy.yaml"
    file.write_text(
        '"a": "domain_id:d1"\n"b": "system_scope:all"\n"c": "project_id:%(project_id)s"\n'
        '"d": "user_domain_id:%(target.none)s"\n"e": "user_domain_id:default"\n"f": "project_domain_id:d2"\n'
    )
    monkeypatch.setenv(policy.VARIABLE, str(file))

    def may(**changes):
        request = asked(rf)
        request.user.user_domain_id = "default"
        request.user.token.project = {"id": request.user.project_id, "domain_id": "d2"}
        for name, value in changes.items():
            setattr(request.user, name, value)
        return "".join(rule for rule in "abcdef" if access.allowed(request, rule))

    assert may() == "cef"
    assert may(project_id=None, tenant_id=None, domain_id="d1") == "ae"
    assert may(project_id=None, tenant_id=None, system_scoped=True) == "be"
