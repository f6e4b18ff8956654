"""How two versions of a commitment differ: field by field, what is listed by its reference."""

from collections.abc import Iterator

from . import shapes

ABSENT = object()  # another thing than null
SHOWN = [name for name in shapes.COMMITMENT | shapes.DETAIL if name != "quotes"]  # those stand among the citations too
IDENTITY = ("ref", "role", "part")  # what tells one of a list from the others
LABELS = {  # what members and languages are called, in English and Arabic
    "address": ("Address", "العنوان الشبكي"),
    "aliases": ("Aliases", "أسماء أخرى"),
    "anchor": ("Counts from", "يُحسب من"),
    "ar": ("Arabic", "العربية"),
    "assessments": ("Assessments", "التقييمات"),
    "assessor": ("Assessor", "المُقيّم"),
    "between": ("Between the quotes", "بين الاقتباسين"),
    "change": ("How it changes the earlier one", "كيف يغيّر ما قبله"),
    "characters": ("Length in characters", "الطول بالأحرف"),
    "checked_at": ("Checked at", "وقت التحقق"),
    "citations": ("Citations", "الاستشهادات"),
    "claimant": ("Who says so", "صاحب القول"),
    "codebook_version": ("Version of the codebook", "إصدار دليل الترميز"),
    "commitment": ("Commitment", "التعهد"),
    "condition": ("Condition", "الشرط"),
    "corrects": ("Corrects", "يصحّح"),
    "counts_from": ("Counts from the day", "يُعتدّ به من يوم"),
    "deadlines": ("Deadlines", "الآجال"),
    "definition": ("Definition", "التعريف"),
    "description": ("Description", "الوصف"),
    "dir": ("Direction of the script", "اتجاه الكتابة"),
    "divergences": ("Differences between copies", "الفروق بين النسخ"),
    "document": ("Document", "الوثيقة"),
    "earliest": ("Earliest day", "أول يوم محتمل"),
    "edtf": ("Date in EDTF", "التاريخ بصيغة إي دي تي إف"),
    "effective": ("Effective", "وقت السريان"),
    "en": ("English", "الإنجليزية"),
    "end": ("End", "النهاية"),
    "evidence": ("Evidence", "الأدلة"),
    "exact": ("Words quoted", "النص المقتبس"),
    "explanation": ("Explanation", "الشرح"),
    "fulfilled": ("Counts as fulfilled", "يُعدّ وفاءً"),
    "headline": ("Headline", "العنوان الصحفي"),
    "iso3166": ("ISO 3166 code", "رمز البلد"),
    "issued": ("Issued", "تاريخ الصدور"),
    "issued_quote": ("Quote that dates it", "الاقتباس الذي يؤرّخه"),
    "issuers": ("Issuing parties", "الأطراف المُصدِرة"),
    "kind": ("Kind", "النوع"),
    "language": ("Language", "اللغة"),
    "latest": ("Latest day", "آخر يوم محتمل"),
    "length": ("Length in bytes", "الطول بالبايتات"),
    "level": ("Level of verification", "درجة التحقق"),
    "members": ("Members", "الأعضاء"),
    "name": ("Name", "الاسم"),
    "not_fulfilled": ("Counts as not fulfilled", "يُعدّ إخلالًا"),
    "obligor": ("Obligor", "الملتزِم"),
    "part": ("Part proved", "الجزء المُثبَت"),
    "parties": ("Parties", "الأطراف"),
    "place": ("Place", "المكان"),
    "prefix": ("Words before", "ما قبل النص"),
    "process": ("Process", "المسار"),
    "published": ("Published", "تاريخ النشر"),
    "publisher": ("Publisher", "الناشر"),
    "rationale": ("Rationale", "التعليل"),
    "reason": ("Reason", "السبب"),
    "ref": ("Reference", "المرجع"),
    "relations": ("Relations", "العلاقات"),
    "replaces": ("Replaces", "يحلّ محلّ"),
    "role": ("Role", "الدور"),
    "round": ("Round", "الجولة"),
    "scope": ("Scope", "النطاق"),
    "searched": ("Documents searched", "الوثائق المبحوث فيها"),
    "sense": ("Sense", "الدلالة"),
    "set_by": ("Set by the statement", "البيان الذي حدّده"),
    "sha256": ("SHA-256", "البصمة الرقمية"),
    "speaker": ("Speaker", "المتكلّم"),
    "stance": ("Stance", "الموقف"),
    "start": ("Start", "البداية"),
    "statement": ("Statement", "البيان"),
    "status": ("Status", "حالة التنفيذ"),
    "strength": ("Strength", "قوة التعهد"),
    "suffix": ("Words after", "ما بعد النص"),
    "target": ("To the commitment", "إلى التعهد"),
    "target_statement": ("To the statement", "إلى البيان"),
    "test": ("Test of success", "معيار الوفاء"),
    "text": ("Words", "الألفاظ"),
    "title": ("Title", "العنوان"),
    "topics": ("Topics", "المواضيع"),
    "translation": ("Translation", "الترجمة"),
    "unknown": ("Unknown and why", "المجهول وسببه"),
    "verification": ("Verification", "التحقق"),
    "voice": ("Voice", "صوت القول"),
    "waiver": ("Waiver", "سبب الاستثناء"),
}


def differences(before: dict, after: dict) -> Iterator[dict]:
    """Each difference of two commitments' public JSON, as the component FieldChange says, in the order of their shape.

    What is listed is matched by reference, and role or part: first what was there, then what is new. Its order in the
    list means nothing.
    """
    for name in SHOWN:
        yield from _told(before.get(name, ABSENT), after.get(name, ABSENT), (name,), ())


def compared(before: dict, after: dict) -> Iterator[dict]:
    """As `differences`, for the public JSON of any kind of record."""
    for name in sorted(name for name in before | after if name != "quotes"):
        yield from _told(before.get(name, ABSENT), after.get(name, ABSENT), (name,), ())


def _told(before, after, path: tuple[str, ...], items: tuple[dict, ...]) -> Iterator[dict]:
    if before == after:
        return
    if isinstance(before, list) and isinstance(after, list):
        old, new = ({tuple(_identity(item).items()): item for item in side} for side in (before, after))
        for key in old | new:
            yield from _told(old.get(key, ABSENT), new.get(key, ABSENT), path, (*items, dict(key)))
    elif isinstance(before, dict) and isinstance(after, dict) and before.get("ref") == after.get("ref"):
        for name in sorted(before | after):
            yield from _told(before.get(name, ABSENT), after.get(name, ABSENT), (*path, name), items)
    else:  # a value, another record, or something that is there on one side alone
        yield {
            "field": ".".join(path),
            "label": label(path),
            "items": list(items),
            "change": "added" if before is ABSENT else "removed" if after is ABSENT else "changed",
            "before": None if before is ABSENT else before,
            "after": None if after is ABSENT else after,
        }


def _identity(item: dict | str) -> dict:
    return {"ref": item} if isinstance(item, str) else {name: item[name] for name in IDENTITY if name in item}


def label(path: tuple[str, ...]) -> dict:
    """A path in words; a language without a name here is called by its tag."""
    words = [LABELS.get(name, (name, name)) for name in path]
    return {language: " – ".join(each) for language, each in zip(("en", "ar"), zip(*words, strict=True), strict=True)}
