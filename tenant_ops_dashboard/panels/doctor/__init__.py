"""What only the dashboard knows of its own health: cache, database, care, audit trail, settings."""
