"""The project's settings, in the local mode, for the tests, on a database server of their own."""

import os

from tracker import data_dir, local, postgres

if data_dir().name != "test":  # a worker has it from whoever started it
    os.environ["TRACKER_DATA_DIR"] = str(data_dir() / "test")
# What a test commits needn't outlive a power cut, and no table lives long enough to be tidied.
postgres.SERVER |= {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}
local.prepare()

from tracker.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a tenth of a second less per log-in
WHITENOISE_AUTOREFRESH = True  # looks for a file when it is asked for, not for all of them with each test's client
