"""The panel Firewall: what gets through, which rule says so, and how it would be otherwise."""
