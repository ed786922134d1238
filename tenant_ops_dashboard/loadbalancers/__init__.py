"""Load balancers of a project: who is down since when and why, what people do about it, and scaling by threshold."""
