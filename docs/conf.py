"""Sphinx settings: `sphinx-build -W docs site` makes the documentation; no network is needed."""

from certify import __version__

project = "Certify"
author = "The Certify contributors"
copyright = "The Certify contributors"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.viewcode"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_heading_anchors = 4
suppress_warnings = ["myst.xref_missing"]  # links to files of the source tree, such as ../README.md

autosummary_generate = False
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_default_options = {"members": True, "show-inheritance": True}
default_role = "code"  # docstrings mark code with single backquotes

html_theme = "furo"
html_title = f"Certify {version}"
