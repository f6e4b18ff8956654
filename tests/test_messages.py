"""The admin in Arabic: every message translated, and every name that a page shows a message."""

import gettext
import re

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.utils import translation
from django.utils.functional import Promise

from commitments import dates, edtf, ledger, rules, text
from commitments.admin import display, names, sentences
from commitments.models import Publication
from commitments.transitions import GROUPS, MAY
from tests import messages

APART = {ord(sign): None for sign in "\u2068\u2069"}  # set what fills a place apart from the sentence around it
LATIN = re.compile(r"[A-Za-z]{2,}")


@pytest.fixture
def arabic():
    with translation.override("ar"):
        yield


def test_the_catalogue_has_arabic_for_every_message_and_is_what_the_pages_read():
    said = messages.in_sources()
    catalogue = messages.read(messages.PO.read_text(encoding="utf-8"))
    assert messages.faults(catalogue, said) == []
    assert messages.PO.read_text(encoding="utf-8") == messages.written(catalogue.messages, said)
    assert messages.MO.read_bytes() == messages.compiled(catalogue)


def test_a_catalogue_with_a_fault_is_told():
    po = """
        msgid "kept: %(n)s"
        msgstr "محفوظ"

        #, fuzzy
        msgid "two"
        msgstr "اثنان"

        msgid "%(n)s page"
        msgid_plural "%(n)s pages"
        msgstr[0] "لا صفحات"
        msgstr[1] "صفحة واحدة"
    """
    found = messages.read(po)
    said = [("kept: %(n)s",), ("two",), ("two", "twos"), ("missing",)]
    assert messages.faults(found, said) == [
        "no Arabic: 'two'",
        "no Arabic: 'missing'",
        "nobody says: '%(n)s page'",
        "fuzzy: 'two'",
        "with and without a plural: 'two'",
        "other places: 'kept: %(n)s' has ['%(n)s'], 'محفوظ' has []",
        "2 forms: '%(n)s page'",
    ]


def test_messages_are_read_out_of_python_and_templates():
    source = (
        "from django.utils.translation import gettext_lazy as _, ngettext\n_('a' 'b')\nngettext('c', 'd', 2)\n_x('e')"
    )
    assert list(messages.in_python(source)) == [("ab",), ("c", "d")]
    page = '{% load i18n %}{% translate "it\'s" %}{% blocktranslate with n=1 %}a (%) {{ n }}{% endblocktranslate %}'
    page += "{% blocktranslate count n=n %}one{% plural %}{{ n }}{% endblocktranslate %}{{ _('x') }} gone(_)"
    assert list(messages.in_template(page)) == [("it's",), ("a (%%) %(n)s",), ("one", "%(n)s"), ("x",)]
    with pytest.raises(ValueError, match="line 2: _\\(f'{a}'\\): write the message out, as one literal"):
        list(messages.in_python("from django.utils.translation import gettext as _\n_(f'{a}')"))


@pytest.mark.parametrize(
    ("n", "said"),
    [(0, "لا قيود"), (1, "قيد واحد"), (2, "قيدان"), (3, "3 قيود"), (10, "10 قيود"), (11, "11 قيدًا"), (99, "99 قيدًا"),
     (100, "100 قيد"), (102, "102 قيد"), (103, "103 قيود"), (111, "111 قيدًا")],
)  # fmt: skip
def test_arabic_counts_in_six_forms(n, said):
    with messages.MO.open("rb") as file:
        catalogue = gettext.GNUTranslations(file)
    assert catalogue.ngettext("%(n)s entry", "%(n)s entries", n) % {"n": n} == said
    with translation.override("ar"):
        assert translation.ngettext("%(n)s entry", "%(n)s entries", n) % {"n": n} == said


def test_every_record_and_column_has_a_name_in_both_languages(arabic):
    for model in apps.get_app_config("commitments").get_models(include_auto_created=True):
        called = [model._meta.verbose_name, model._meta.verbose_name_plural]
        called += [field.verbose_name for field in model._meta.concrete_fields if field.model is model]
        assert all(isinstance(each, Promise) for each in called), model
        plain = [
            each
            for each in map(str, called)
            if LATIN.search(re.sub(r"EDTF|SHA-256|ISO|manifest-sha256\.txt", "", each))
        ]
        assert plain == [], model
    assert str(Publication._meta.get_field("from_seq").verbose_name) == "من القيد"


def test_groups_and_doors_have_names_in_both_languages(arabic):
    assert set(names.GROUPS) == set(GROUPS)
    assert set(names.DOORS) == set(ledger.Door.values)
    assert display.label(Group(name="curator")) == "محرِّر"
    assert display.label(Group(name="guests")) == "guests"


def refusals():
    """Every sentence that the triggers can refuse with, each place filled."""
    found = []
    for source in [*rules.FUNCTIONS.values(), (messages.PROJECT / "commitments" / "ledger.py").read_text()]:
        found += re.findall(r"RAISE EXCEPTION '((?:[^']|'')*)'", source)
        found += re.findall(r"fault := (?:format\()?'((?:[^']|'')*)'", source)
        found += re.findall(r"(?:RETURN|THEN|SELECT) (?:format\()?'([a-z%](?:[^']|'')* (?:[^']|'')*)'", source)
    return sorted({re.sub("%s?", "x", each.replace("''", "'")) for each in found} - {"x x can't be published: x"})


def test_what_the_database_refuses_is_said_in_arabic(arabic):
    found = refusals()
    assert len(found) >= 30
    untold = [each for each in found if LATIN.search(sentences.said(each))]
    assert untold == []
    told = "commitment a-01 can't be published: pen-x changed it since the last approval, and nobody approves their own work"
    assert (
        sentences.said(told).translate(APART)
        == "لا يمكن النشر (تعهد a-01): غيّره pen-x بعد آخر اعتماد، ولا أحد يعتمد عمل نفسه"
    )
    told = "a-01 can't become published: it has no public version"
    assert sentences.said(told).translate(APART) == "لا يمكن أن تصير حالة a-01 «منشور»: لا نسخة منشورة منه"
    told = "talks-01 is retracted; publish isn't possible."
    assert sentences.said(told) == "\u2068talks-01\u2069: حالته مسحوب من النشر؛ وهذا الإجراء غير ممكن: الاعتماد والنشر."
    assert sentences.said("nobody says this") == "nobody says this"


def test_each_action_that_may_be_refused_has_a_name(arabic):
    assert set(MAY) - {"view", "release"} <= set(sentences.WORDS)
    for action in set(MAY) - {"view", "release"}:
        assert not LATIN.search(sentences.said(f"x: x may not {action}"))


@pytest.mark.parametrize(
    "value",
    ["../..", "2031/2030", "soon", "0000", "203X-01", "2031-19", "9999-24", "2031-21-01", "2031-02-30"],
)
def test_what_is_no_date_is_said_in_arabic(value, arabic):
    with pytest.raises(ValueError, match="^EDTF ") as refused:
        edtf.bounds(value)
    assert sentences.said(str(refused.value)).startswith("صيغة EDTF ")


def test_what_is_too_precise_or_hostile_is_said_in_arabic(arabic):
    assert sentences.said(dates.too_precise("2031-05-04", "in May 2031")) == (
        "الألفاظ «\u2068in May 2031\u2069» لا تدل على ما في \u20682031-05-04\u2069 من تحديد (اليوم): اكتب \u20682031-05\u2069."
    )
    with pytest.raises(text.Hostile) as refused:
        text.refuse("a\0", field="x")
    assert sentences.said(str(refused.value)).translate(APART) == (
        "x: الحرف U+0000 CONTROL CHARACTER عند الموضع 1 (السطر 1): احذف هذا الحرف"
    )


def test_english_sentences_stay_as_they_are():
    with translation.override("en"):
        assert sentences.said("it was retracted") == "it was retracted"


@pytest.mark.parametrize(
    ("onward", "answer"),
    [
        ("/admin/?q=1", "/admin/?q=1"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_switching_the_language_leads_to_this_site_alone(client, onward, answer):
    told = client.post("/i18n/setlang/", {"language": "ar", "next": onward})
    assert (told.status_code, told["Location"]) == (302, answer)
    assert told.cookies["django_language"].value == "ar"


def test_a_language_that_there_is_not_is_not_kept(client):
    assert "django_language" not in client.post("/i18n/setlang/", {"language": "xx", "next": "/admin/"}).cookies
