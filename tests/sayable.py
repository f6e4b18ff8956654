"""What Schemathesis is told beside the OpenAPI document, which has no words for it; schemathesis.toml names this file."""

import schemathesis

from commitments import search
from commitments.text import Hostile, refuse


@schemathesis.hook("map_case")
def sayable(context, case):
    """A case that is right by the document, without what a document can't say: pairs that contradict each other, the grammar
    of `q`, and which cursors there are. tests/test_hostile.py tries these."""
    asked = case.query
    if not (case.meta and case.meta.generation.mode.is_positive and isinstance(asked, dict)):
        return case
    asked.pop("cursor", None)
    for late in [name for name in asked if "before" in name]:
        early = late.replace("before", "after")
        if early in asked and asked[early] > asked[late]:
            asked[early], asked[late] = asked[late], asked[early]
    try:
        refuse(asked.get("q", "word"), field="q", bidi_overrides=True)
        search.read(asked.get("q", "word"))
    except (Hostile, search.Unsearchable):
        asked["q"] = "قوات"
    if "scorecard" in asked and "obligor" in asked:
        asked["obligor"] = asked["scorecard"]
    if "matches" in str(asked.get("fields", "")):
        asked.pop("matches", None)
    if "matches" in str(asked.get("fields", "")) or "matches" in asked:
        asked.setdefault("q", "قوات")
    if "deadline" in str(asked.get("kind", "")) or "statement" in str(asked.get("kind", "")):
        asked.pop("status", None)  # of the timeline's assessments alone
    if asked.get("ordering") == "relevance":
        asked.setdefault("q", "قوات")
    return case
