"""'Let E reach E on P', or close it: the smallest set of rules at both layers that does it, as drafts."""

from __future__ import annotations

from tenant_ops_dashboard.firewall.suggest.model import Suggestion
from tenant_ops_dashboard.firewall.suggest.search import suggest

__all__ = ["Suggestion", "suggest"]
