"""Views of the panel, one a file."""
