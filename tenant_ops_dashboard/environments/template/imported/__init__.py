"""A blueprint from any HOT template: read as far as it can be, and what it does not tell is said."""
