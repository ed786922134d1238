"""The tests' settings on the database that HISTORY_DATABASE describes, as JSON."""

# ruff: noqa: F403
import json
import os

import pymysql

from tests.settings import *

pymysql.install_as_MySQLdb()
DATABASES = {"default": json.loads(os.environ["HISTORY_DATABASE"])}
