"""An environment's Heat stack: its rows, resources, events and deletes."""
