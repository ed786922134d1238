"""The panel Environments: what a project runs, and whether it is well."""
