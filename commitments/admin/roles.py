"""Who may do what at the desk, as the table of transitions says; a superuser may do whatever some group may."""

from typing import Any

from commitments.transitions import MAY


def may(user: Any, action: str) -> bool:
    """Tell whether one of the user's groups may do an action of MAY; one query a request, none for nobody."""
    return not getattr(user, "roles", frozenset()).isdisjoint(MAY[action])
