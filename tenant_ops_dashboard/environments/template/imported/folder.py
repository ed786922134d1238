"""A template that lies in a folder, with what it refers to: read where it lies, and nothing outside of that folder."""

from __future__ import annotations

from pathlib import Path

from tenant_ops_dashboard.environments.declared import Imported
from tenant_ops_dashboard.environments.errors import NotValid
from tenant_ops_dashboard.environments.template.imported import files
from tenant_ops_dashboard.environments.template.source import LARGEST
from tenant_ops_dashboard.sentences import say

ENDINGS = (".yaml", ".yml", ".hot", ".template")
_BYTES = 4 * LARGEST  # of a text in UTF-8


def read(template: Path, environment: Path | None = None, called: str = "") -> Imported:
    """A template's file, its environment file and the files they refer to.

    Raises NotValid with `template`, `environment` or `files` and what cannot be read.
    """
    text, answers = _read(template, "template"), _read(environment, "environment") if environment else ""
    home = template.parent.resolve()

    def get(path: str) -> str | None:
        try:
            found = (home / path).resolve()
        except (OSError, RuntimeError):
            return None
        # A link may lead anywhere.
        return _read(found, "files") if found.is_relative_to(home) and found.is_file() else None

    return Imported(text, files.gather(text, answers, get), answers, called or template.name)


def _read(file: Path, field: str) -> str:
    try:
        if file.stat().st_size > _BYTES:
            raise NotValid({field: say("{file} is larger than a template may be.", file=file)})
        return file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise NotValid({field: say("{file} is no text in UTF-8.", file=file)}) from error
    except OSError as error:
        why = error.strerror or str(error)
        raise NotValid({field: say("{file} cannot be read: {why}.", file=file, why=why)}) from error
