"""Who may do what at the desk: one table, by group; a superuser may do everything."""

from typing import Any

BOTH = ("curator", "reviewer")
MAY = {
    "view": (*BOTH, "auditor"),
    "add": BOTH,
    "change": BOTH,
    "delete": BOTH,
    "submit": BOTH,
    "send_back": ("reviewer",),
    "publish": ("reviewer",),
    "retract": ("reviewer",),
    "waive": ("reviewer",),  # let a quote pass that isn't exact
    "release": ("auditor",),  # publish the public bundle
    "people": (),  # accounts and groups, and the names behind the pseudonyms
}


def may(user: Any, action: str) -> bool:
    """Tell whether one of the user's groups may do an action of MAY; one query a request."""
    if user.is_superuser:
        return True
    if not hasattr(user, "group_names"):
        user.group_names = frozenset(user.groups.values_list("name", flat=True))
    return not user.group_names.isdisjoint(MAY[action])
