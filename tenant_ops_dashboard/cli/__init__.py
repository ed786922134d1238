"""The command line `tenant-ops`: what a person can click, a pipeline can call."""
