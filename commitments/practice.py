"""The practice text: undertakings of parties that don't exist, to learn marking on. It is never published."""

import hashlib
import re

from .models import Document, DocumentText, Party, Statement, StatementIssuer, ever
from .rules import PRACTICE as PREFIX

DAY = ("14 May 2031", "2031-05-14")
WHY = {"en": "Written for practice; nobody published it.", "ar": "كُتب للتمرين ولم ينشره أحد."}
PARTIES = {
    "westmark": {"en": "Westmark (practice)", "ar": "ويستمارك (للتمرين)"},
    "sarmoun": {"en": "Sarmoun (practice)", "ar": "سرمون (للتمرين)"},
}
TEXTS = {
    "en": """PRACTICE TEXT No. {number}. Nothing in it is real.
Joint statement of Westmark and Sarmoun on the Blue Lake, 14 May 2031

The ministers of Westmark and Sarmoun met at the Blue Lake today and agreed on the following.

1. Westmark will open the northern lock of the lake to Sarmoun's fishing boats by 30 September 2031.
2. Sarmoun commits to paying half of the cost of the new lighthouse within six months of its completion.
3. Both sides intend to exchange readings of the water level every month.
4. Sarmoun undertakes not to build on the eastern shore as long as the joint survey lasts.

The two sides also discussed a ferry between the two ports. “We want the first boat to sail this year,” said the minister of Sarmoun.
""",
    "ar": """نص للتمرين رقم {number}. لا شيء فيه حقيقي.
بيان مشترك بين ويستمارك وسرمون بشأن البحيرة الزرقاء، 14 أيار/مايو 2031

التقى وزيرا ويستمارك وسرمون اليوم عند البحيرة الزرقاء واتفقا على ما يأتي.

1. ستفتح ويستمارك الهويس الشمالي للبحيرة أمام قوارب الصيد التابعة لسرمون قبل 30 أيلول/سبتمبر 2031.
2. تلتزم سرمون بدفع نصف كلفة المنارة الجديدة خلال ستة أشهر من إنجازها.
3. يعتزم الطرفان تبادل قياسات منسوب المياه كل شهر.
4. تتعهد سرمون بعدم البناء على الشاطئ الشرقي ما دام المسح المشترك قائمًا.

وبحث الطرفان أيضًا تسيير عبّارة بين الميناءين. وقال وزير سرمون: «نريد أن تبحر أول عبّارة هذا العام».
""",
}


def is_practice(ref: str) -> bool:
    """Tell whether a record is for practice: its reference begins so, and the shelf refuses it for ever."""
    return ref.startswith(PREFIX)


def make() -> list[Document]:
    """A new practice text in each language, with its statement and parties, all drafts. Needs an act.

    Each has a number of its own, one above every one in the ledger: as many people as like can practise, and begin again.
    """
    stem = f"{PREFIX}{_number()}"
    title = {"en": "Practice: Blue Lake", "ar": "تمرين: البحيرة الزرقاء"}
    issued = {"issued_words": DAY[0], "issued_edtf": DAY[1]}
    statement = Statement.objects.create(ref=stem, statement_kind="joint_statement", title=title, **issued)
    for name, called in PARTIES.items():
        party = Party.objects.create(ref=f"{stem}-{name}", party_kind="state", name=called)
        StatementIssuer.objects.create(statement=statement, party=party)
    return [_document(stem, language) for language in TEXTS]


def _number() -> int:
    used = (re.fullmatch(rf"{PREFIX}([0-9]+)", ref) for ref in ever(Statement))
    return max((int(match[1]) for match in used if match), default=0) + 1


def _document(stem: str, language: str) -> Document:
    written = TEXTS[language].format(number=stem.removeprefix(PREFIX))
    counted = {
        "sha256": hashlib.sha256(written.encode()).hexdigest(),
        "length": len(written.encode()),
        "characters": len(written),
    }
    document = Document.objects.create(
        ref=f"{stem}-{language}",
        document_kind="official_text",
        headline=written.splitlines()[1],
        language=language,
        published_words=DAY[0],
        published_edtf=DAY[1],
        gaps={"publisher": WHY, "address": WHY},
        **counted,
    )
    DocumentText.objects.create(document=document, text=written, **counted)
    return document
