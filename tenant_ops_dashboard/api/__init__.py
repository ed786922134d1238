"""The plugin's HTTP API: what only the dashboard's database knows, for commands and pipelines.

No session, no cookie: a token of Keystone's in X-Auth-Token is the login. The same functions and the same policy as
the pages; thin. `openapi.json` says what is served, and `urls` serves it.
"""
