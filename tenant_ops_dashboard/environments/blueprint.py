"""The catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tenant_ops_dashboard.environments.model import Blueprint


def catalogue(folders: Sequence[str | Path] = ()) -> tuple[Blueprint, ...]:
    raise NotImplementedError


def find(slug: str, folders: Sequence[str | Path] = ()) -> Blueprint | None:
    raise NotImplementedError
