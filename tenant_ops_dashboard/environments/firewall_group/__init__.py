"""The firewall group of an environment: its rules, and how it is made, tidied and swept."""
