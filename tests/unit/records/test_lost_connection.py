"""A connection to the database that was lost a moment ago: whoever catches what Django raises catches this, too."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.db import InterfaceError

import tenant_ops_dashboard
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.records import clone_rows

ROOT = Path(tenant_ops_dashboard.__file__).parent


def test_clones_say_that_the_database_does_not_answer() -> None:
    with pytest.raises(TenantOpsError), clone_rows.kept():
        raise InterfaceError("connection already closed")


def test_nobody_catches_a_part_of_it_alone() -> None:
    """DatabaseError leaves out InterfaceError, Error is both."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted(ROOT.rglob("*.py")) for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler) and node.type is not None and "DatabaseError" in ast.dump(node.type)
    ]  # fmt: skip
    assert found == []
