"""The project's settings, in the local mode, for the tests."""

from tracker import local

local.prepare()

from tracker.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a tenth of a second less per log-in
for _database in DATABASES.values():  # noqa: F405 - what a test commits needn't outlive a power cut
    _database.setdefault("OPTIONS", {})["options"] = "-c synchronous_commit=off"
