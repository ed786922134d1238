"""The order of a warm start: what needs nothing of the switch before it, who reports for work first."""

from __future__ import annotations

from sandbox import catalogue, ready


def test_what_starts_before_the_switch_needs_nothing_of_it(s):
    early = {p.name for p in catalogue.early(s)}
    needs = {p.name for service in catalogue.CLOUD if service.name in ("neutron", "octavia") for p in service.processes(s)}
    assert not early & needs
    assert "nova-compute" not in early
    assert ready.REPORTING - early == {"nova-compute", "octavia-worker"}


def test_who_reports_for_work_starts_before_who_only_answers(s):
    listens = [p.port is not None for p in catalogue.early(s)]
    assert listens == sorted(listens)
    assert listens[0] is False
