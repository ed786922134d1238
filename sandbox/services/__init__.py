"""One module a service: its configuration, its schema, its processes."""
