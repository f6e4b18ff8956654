"""What was typed for an assessment and isn't recorded yet: kept in the session while somebody chooses a passage."""

from django.http import HttpRequest, QueryDict

ROWS, MOST = 2, 20  # of evidence: at first, at most
KEPT = 5  # unfinished assessments that a session keeps
KEY = "assessing"


def typed(request: HttpRequest, ref: str) -> QueryDict | None:
    """What somebody typed for an assessment of this commitment and didn't record yet."""
    there = request.session.get(KEY, {}).get(ref)
    return QueryDict(there, mutable=True) if there else None


def keep(request: HttpRequest, ref: str, form: QueryDict | None) -> None:
    """Keeps it, as the last of KEPT; None forgets it."""
    others = [(other, each) for other, each in request.session.get(KEY, {}).items() if other != ref]
    if form is not None:
        form = form.copy()
        for name in ("csrfmiddlewaretoken", "announced", "_choose", "_follow"):
            form.pop(name, None)
        others.append((ref, form.urlencode()))
    request.session[KEY] = dict(others[-KEPT:])


def take(request: HttpRequest, ref: str, quote: str, stance: str, claimant: str) -> None:
    """Adds a quote to the evidence that is kept: in the row that it has already, else in the first that is free."""
    form = typed(request, ref) or QueryDict(mutable=True)
    there = [form.get(f"evidence-quote{n}", "") for n in range(MOST)]
    row = there.index(quote) if quote in there else there.index("") if "" in there else MOST - 1
    for name, value in (("quote", quote), ("stance", stance), ("claimant", claimant)):
        form[f"evidence-{name}{row}"] = value
    form["evidence-rows"] = max(row + 1, rows(form))
    keep(request, ref, form)


def rows(form: QueryDict | None) -> int:
    """How many rows of evidence a form was sent with."""
    given = (form or {}).get("evidence-rows", "")
    return min(max(int(given), ROWS), MOST) if given.isascii() and given.isdigit() else ROWS
