"""Security groups as people edit them: the same draft, preview and apply as a firewall group's."""
