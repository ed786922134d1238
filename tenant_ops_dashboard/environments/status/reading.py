"""What of one environment could not be read or shown: each part costs itself alone, and is told."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.sentences import say

T = TypeVar("T")
U = TypeVar("U")
_LOG = logging.getLogger(__name__)


@dataclass
class Reading:
    """Of the environment `name`; `problems` are sentences, each once."""

    name: str
    problems: list[str] = field(default_factory=list)

    def part(self, what: str, make: Callable[[], T], otherwise: U) -> T | U:
        """What `make` gives; `otherwise`, where it meets what nobody foresaw. The log has that error.

        Raises a TenantOpsError as `make` does: those are sentences already.
        """
        try:
            return make()
        except TenantOpsError:
            raise
        except Exception:  # noqa: BLE001 (whatever it is, the other parts stand)
            _LOG.exception("%s of the environment %s cannot be shown", what, self.name)
            self.tell(
                say("{what} cannot be shown; the stack can still be deleted. Your operator's log says why.", what=what)
            )
            return otherwise

    def tell(self, *sentences: str) -> None:
        """Remember what could not be read."""
        self.problems += [one for one in sentences if one not in self.problems]
