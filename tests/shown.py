"""What files show of the shipped record's answers: held against them or, with REWRITE=1 in the environment, taken from them.

After a change of the record or of an answer: REWRITE=1 python -m pytest tests/test_docs.py tests/test_openapi.py -n 0,
then manage.py spectacular --file docs/openapi.yaml.
"""

import os
import pathlib


def held(path: pathlib.Path, shown: str, found: str) -> None:
    """A part of a file is what was found."""
    if os.environ.get("REWRITE"):
        path.write_text(path.read_text(encoding="utf-8").replace(shown, found), encoding="utf-8")
    else:
        assert found == shown, f"{path.name} shows something else; see tests/shown.py"
