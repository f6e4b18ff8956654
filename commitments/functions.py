"""Every function of ours in the database, in the order in which they need each other."""

from . import dates, ledger, rules, search, text


def all() -> list[str]:
    """CREATE OR REPLACE statements, safe to run again."""
    return [
        dates.SQL,
        text.sql_function(),
        *search.FUNCTIONS.values(),
        *rules.FUNCTIONS.values(),
        *ledger.FUNCTIONS.values(),
    ]
