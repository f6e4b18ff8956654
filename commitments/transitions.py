"""Who may do what at the desk: the one table that every door, the database and the docs read."""

from typing import NamedTuple

# The groups, made by a migration; what each may do stands here alone. Nobody keeps accounts and writes records.
GROUPS = {
    "curator": "writes drafts and submits them",
    "reviewer": "writes, too, and approves what others wrote",
    "emergency publisher": "writes, too, and publishes alone when it can't wait",
    "auditor": "reads everything, publishes releases and exports bundles, changes nothing",
    "administrator": "keeps others' accounts and their groups, and nothing else: neither their own role, nor an account that may do everything (superusers keep those)",
}
WRITERS = ("curator", "reviewer", "emergency publisher")
NOTHING = ""  # before a record is there, or after a draft is discarded


class Transition(NamedTuple):
    """One cell: by `action` a record goes from state `start` to `end`, made by these groups.

    No group: only commands do it, in nobody's name in particular, such as `load_seeds`.
    """

    action: str
    start: str
    end: str
    groups: tuple[str, ...]
    needs: str  # what it needs beside the reason that every change needs


TRANSITIONS = tuple(
    Transition(*row)
    for row in (
        ("add", NOTHING, "draft", WRITERS, ""),
        ("change", "draft", "draft", WRITERS, ""),
        ("change", "in_review", "in_review", WRITERS, ""),
        ("change", "published", "in_review", WRITERS, "the approved version stays public"),
        ("discard", "draft", NOTHING, WRITERS, "it was never public"),
        ("submit", "draft", "in_review", WRITERS, ""),
        ("send_back", "in_review", "draft", ("reviewer",), "a comment, which its author reads"),
        ("publish", "in_review", "published", ("reviewer",), "somebody else's work"),
        ("publish", "published", "published", ("reviewer",), "an emergency publication of somebody else's"),
        ("publish", "draft", "published", (), "somebody else's work"),
        ("publish_at_once", "draft", "published", ("emergency publisher",), "a reason, which is public; flagged"),
        ("publish_at_once", "in_review", "published", ("emergency publisher",), "a reason, which is public; flagged"),
        ("publish_at_once", "published", "published", (), "a reason, which is public; flagged"),
        ("retract", "published", "retracted", ("reviewer",), "a reason, which is public; leaves a tombstone"),
        ("retract", "in_review", "retracted", ("reviewer",), "it was public; a reason, which is public"),
    )
)
RIGHTS = {  # what moves no record
    "view": (*WRITERS, "auditor"),
    "waive": ("reviewer",),  # let a quote pass that isn't exact
    "release": ("auditor",),  # publish the public bundle
    "people": ("administrator",),  # accounts and groups, and the names behind the pseudonyms
}
# Groups by action, whatever the state.
MAY = {
    action: tuple(
        group for group in GROUPS if any(group in each.groups for each in TRANSITIONS if each.action == action)
    )
    for action in dict.fromkeys(each.action for each in TRANSITIONS)
} | RIGHTS


def ends(action: str) -> dict[str, str]:
    """{state before: state after} of an action, whoever does it."""
    return {each.start: each.end for each in TRANSITIONS if each.action == action}


def starts(action: str) -> tuple[str, ...]:
    """The states from which people do an action."""
    return tuple(each.start for each in TRANSITIONS if each.action == action and each.groups)


def allowed(action: str, start: str, groups: frozenset[str] | None) -> bool:
    """Tell whether somebody in these groups may do an action from a state; None: a command, in no account's name."""
    found = [each for each in TRANSITIONS if (each.action, each.start) == (action, start)]
    return any(groups is None or groups.intersection(each.groups) for each in found)


def markdown() -> str:
    """The table, the rights and the groups as they stand in the docs."""

    def table(*rows: tuple[str, ...]) -> str:
        head, *body = rows
        return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *body)) + "\n"

    moves = [
        (
            each.action,
            *(state.replace("_", " ") or "–" for state in (each.start, each.end)),
            who(each.groups),
            each.needs,
        )
        for each in TRANSITIONS
    ]
    return "\n".join(
        (
            table(("action", "from", "to", "who", "needs"), *moves),
            table(("right", "who"), *((right, who(groups)) for right, groups in RIGHTS.items())),
            table(("group", "what it does"), *GROUPS.items()),
        )
    )


def who(groups: tuple[str, ...]) -> str:
    """Groups in words."""
    return ", ".join(groups) or "commands alone"
