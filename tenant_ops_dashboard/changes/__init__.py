"""What every change of state is: one object that is checked, sent, looked up when its answer is lost, and audited.

Write a class for it (`Change`), and let `perform` run it. OpenStack takes nothing from this plugin otherwise.
"""

from __future__ import annotations

from tenant_ops_dashboard.changes.change import Change, Target, registered
from tenant_ops_dashboard.changes.run import perform

__all__ = ["Change", "Target", "perform", "registered"]
