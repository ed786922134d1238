"""The data volumes of environments: kept or removed, as the last answered wish said."""
