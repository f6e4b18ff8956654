"""Scorecards: what a party owes, counted by threads, with the commitments' own counts beside."""

import datetime
from collections import Counter
from collections.abc import Callable, Iterable

from django.db.models import Count, Q

from .. import codebook, threads
from ..models import Role, Standing, Status

ENOUGH = 8  # judged threads, for a percentage
RULES = {
    "thread": {
        "en": "A thread is one undertaking through the rounds: commitments that public relations join, each of which"
        " reaffirms, specifies, extends, supersedes or is the same as another. Those made after the day are left out;"
        " so a duty said again counts once.",
        "ar": "السلسلة تعهد واحد عبر الجولات: تعهدات تربطها علاقات منشورة، يجدد أحدها الآخر أو يفصّله أو يمدّده أو يحلّ محله أو هو"
        " نفسه. ويُستثنى ما قُطع بعد اليوم المطلوب؛ فالواجب المعاد يُعدّ مرة واحدة.",
    },
    "counts": {
        "en": "Of a thread, the status and schedule of the latest commitment in force count: the latest by the last day of"
        " its statement's date, of those that this party owes and that no other replaced; the party's own status where it"
        " is judged apart, else the whole's. One without a date stands just after what it links to, else"
        " before all others; of two on one day the last by reference counts.",
        "ar": "تُحتسب من السلسلة حالة آخر تعهد نافذ وموقفه من الأجل: آخرها بحسب آخر يوم في تاريخ بيانه، مما يلتزم به هذا الطرف ولم"
        " يحلّ محله غيره؛ وللطرف حالته الخاصة حيث قُيّم منفردًا، وإلا فحالة التعهد كله. وما لا تاريخ له يلي ما يرتبط به مباشرة، وإلا"
        " سبق الجميع؛ ومن تعهدين في يوم واحد يُحتسب آخرهما بحسب المرجع.",
    },
    "percent": {
        "en": "percent = 100 × threads not assessed ÷ all threads, rounded to one decimal; null while fewer than 8 threads"
        " are judged (have any other status than not_assessed).",
        "ar": "النسبة = 100 × السلاسل التي لم تُقيَّم ÷ كل السلاسل، مقرّبة إلى منزلة عشرية واحدة؛ ولا نسبة ما دامت السلاسل المحكوم"
        " فيها (ذات حالة غير «لم يُقيَّم») أقل من 8.",
    },
}


def owed(party: str, size: int | None, day: datetime.date) -> list[dict]:
    """How many `commitments` and `threads` a party owes by `status` and `schedule`, by one SQL."""
    standing = Q(record__in=threads.standing_for(party, size, day))
    rows = Standing.objects.known_at(size).as_of(day).filter(party=party, role=Role.OBLIGOR).order_by()
    counts = {"commitments": Count("pk"), "threads": Count("pk", filter=standing)}
    return list(rows.values("status", "schedule").annotate(**counts))


def answer(party: str, rows: list[dict], address: Callable[..., str]) -> dict:
    """The members `rules`, `threads` and `commitments` of the component Scorecard, from what is `owed`.

    `address` is that of the list of commitments with these parameters.
    """
    own = {"obligor": party}
    by_threads = counts(rows, "threads", lambda **more: address(**own, scorecard=party, **more))
    judged, unseen = by_threads["judged"]["count"], by_threads["not_assessed"]
    share = round(100 * unseen["count"] / by_threads["count"], 1) if judged >= ENOUGH else None
    by_threads["not_assessed"] = unseen | {"percent": share}
    by_commitments = counts(rows, "commitments", lambda **more: address(**own, **more))
    return {"rules": RULES, "threads": by_threads, "commitments": by_commitments}


def counts(rows: Iterable[dict], name: str, address: Callable[..., str]) -> dict:
    """How many there are, judged or not, and by each code that one of them has, each number with its rows' address."""

    found = {vocabulary: Counter() for vocabulary in ("status", "schedule")}
    for row in rows:
        for vocabulary, many in found.items():
            many[row[vocabulary]] += row[name]

    def number(**codes: list[str]) -> dict:
        many = sum([found[each][code] for each in codes for code in codes[each]]) if codes else found["status"].total()
        return {"count": many, "url": address(**{each: ",".join(codes[each]) for each in codes})}

    def each(vocabulary: str) -> list[dict]:
        known = codebook.codes(vocabulary)
        codes = [code for code in known if found[vocabulary][code]]
        return [{"value": code, "label": known[code]["label"]} | number(**{vocabulary: [code]}) for code in codes]

    judged = [code for code in codebook.codes("status") if code != Status.NOT_ASSESSED]
    return {
        **number(),
        "judged": number(status=judged),
        "not_assessed": number(status=[Status.NOT_ASSESSED]),
        "status": each("status"),
        "schedule": each("schedule"),
    }
