"""The Barbican API as a uWSGI module, with its pipeline from the environment that it is installed in.

Its own module reads /etc/barbican.
"""

from __future__ import annotations

import sys

from paste import deploy

application = deploy.loadapp(f"config:{sys.prefix}/etc/barbican/barbican-api-paste.ini")
