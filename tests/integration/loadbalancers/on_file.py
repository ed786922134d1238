"""Settings of the tests with a database in a file, for commands that run beside each other."""

# ruff: noqa: F403
import os

from tests.settings import *

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["SCALING_DATABASE"],
        "OPTIONS": {"timeout": 30},
    }
}
