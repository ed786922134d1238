"""octavia-health-manager, started as quickly as Octavia's other programs here."""

from __future__ import annotations

from sandbox_drivers import octavia_types  # noqa: F401  (before Octavia)

from octavia.cmd.health_manager import main  # isort: skip

if __name__ == "__main__":
    main()
