"""The Octavia API as a uWSGI module, with the driver agent's sockets moved."""

from __future__ import annotations

from sandbox_drivers import octavia_sockets  # noqa: F401  (before anything opens them)

from octavia.wsgi.api import application  # noqa: F401  # isort: skip
