"""How Sphinx makes these pages: `make docs`. They stay plain Markdown, so that they read the same in a checkout."""

from __future__ import annotations

import sys
from pathlib import Path

from tenant_ops_dashboard import __version__

sys.path.insert(0, str(Path(__file__).parent / "ext"))

project = "Tenant Ops Dashboard"
version = release = __version__
language = "en"

extensions = [
    "myst_parser",
    "openstackdocstheme",
    "reno.sphinxext",
    "oslo_policy.sphinxext",
    "cliff.sphinxext",
    "outside_links",
    "settings_reference",
    "unreleased",
]
exclude_patterns = ["examples"]
nitpicky = True
# An indented block is whatever it is: a shell's session, a unit file, a drawing.
highlight_language = "none"

myst_heading_anchors = 4

html_theme = "openstackdocs"
html_theme_options = {"analytics_tracking_code": "", "display_badge": False, "sidebar_search": True}
html_copy_source = False
templates_path = ["theme"]
html_static_path = ["theme/static"]
html_css_files = ["pages.css"]
openstackdocs_auto_name = False
openstackdocs_auto_version = False

# What every command has is told once, above the list.
autoprogram_cliff_ignored = [
    "--help", "--format", "--column", "--quote", "--noindent", "--max-width", "--fit-width", "--print-empty",
    "--sort-column", "--sort-ascending", "--sort-descending", "--prefix",
]  # fmt: skip
