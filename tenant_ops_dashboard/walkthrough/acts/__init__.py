"""What the steps do, and how their effects are looked at: a module a story."""
