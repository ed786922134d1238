"""Figures, measured on the running sandbox and printed as JSON: `make bench`."""
