"""Seeds: what a whole file says, what is refused, and that loading twice writes once."""

import datetime
import functools
import hashlib
import pathlib
import re

import pytest
import yaml
from django.core.management import CommandError, call_command

from commitments import models, seeds
from commitments.findings import Faulty
from commitments.ledger import Entry, act
from tests import builders

NOW = datetime.datetime(2030, 6, 2, tzinfo=datetime.UTC)
EXACT = "الشمال ملتزمة بحماية القوافل"
START = builders.TEXT.index(EXACT)
END = START + len(EXACT)
DIGEST = hashlib.sha256(EXACT.encode()).hexdigest()

REGISTER = """\
parties:
  - ref: north
    party_kind: state
    name: {en: North, ar: الشمال}
    aliases: [{name: شمال, language: ar}]
  - {ref: south, party_kind: state, name: {en: South, ar: الجنوب}}
  - {ref: league, party_kind: coalition, name: {en: League, ar: العصبة}, members: [north]}
processes:
  - {ref: talks, name: {en: Talks, ar: محادثات}}
"""
GAZETTE = f"""\
document:
  ref: gazette
  document_kind: news_report
  publisher: The Gazette
  headline: الشمال والجنوب
  language: ar
  published: {{words: 4 May 2030, edtf: "2030-05-04"}}
  sha256: {hashlib.sha256(builders.TEXT.encode()).hexdigest()}
  length: {len(builders.TEXT.encode())}
  characters: {len(builders.TEXT)}
  gaps: {{address: {{en: The copy names none.}}}}
quotes:
  - ref: gazette.quote-1
    exact: {EXACT}
    start: {START}
    end: {END}
    prefix: "{builders.TEXT[START - 8 : START]}"
    suffix: "{builders.TEXT[END : END + 8]}"
    language: ar
    translation: {{en: North is committed to protecting convoys}}
    voice: statement_reported
    check: {{level: exact, start: {START}, digest: {DIGEST}, folding: "1", at: "2030-06-01T12:00:00Z"}}
statements:
  - ref: talks-one
    statement_kind: joint_statement
    title: {{en: Joint statement, ar: بيان مشترك}}
    issued: {{words: 4 May 2030, edtf: "2030-05-04"}}
    process: talks
    issuers: [north, south]
commitments:
  - ref: talks-one-01
    statement: talks-one
    title: {{en: North protects convoys, ar: الشمال تحمي القوافل}}
    strength: commits
    parties: [{{party: north, role: obligor}}, {{party: south, role: beneficiary}}]
    topics: [sovereignty]
    citations: [{{quote: gazette.quote-1, part: undertaking}}]
    fulfilled_if: {{en: Convoys pass unharmed.}}
    not_fulfilled_if: {{en: A convoy is attacked.}}
    deadlines:
      - ref: talks-one-01.deadline-1
        deadline_kind: date
        words: حتى 1 آذار 2031
        language: ar
        edtf: "2031-03-01"
        latest: "2031-03-01"
        citations: [gazette.quote-1]
    relations:
      - {{ref: talks-one-01.relation-1, relation_kind: related, target_statement: talks-one, scope: wider}}
    assessments:
      - ref: talks-one-01.assessment-1
        status: in_progress
        reason_code: press_report
        rationale: {{en: The Gazette says so.}}
        effective: {{edtf: "2030-05-04"}}
        searched: [gazette]
        evidence: [{{quote: gazette.quote-1, stance: supports, claimant: north}}]
excluded:
  - {{start: 0, end: 6, words: أعلنت, why: It binds nobody.}}
"""


@pytest.fixture
def folder(tmp_path) -> pathlib.Path:
    """Right seeds, and the text that they cite."""
    (tmp_path / "seeds").mkdir()
    (tmp_path / "documents").mkdir()
    (tmp_path / "seeds/register.yaml").write_text(REGISTER, encoding="utf-8")
    (tmp_path / "seeds/gazette.yaml").write_text(GAZETTE, encoding="utf-8")
    (tmp_path / "documents/gazette.txt").write_text(builders.TEXT, encoding="utf-8")
    return tmp_path


def load(folder, documents=True, **options):
    return seeds.Seeds(folder / "seeds", folder / "documents" if documents else None).write(now=NOW, **options)


@pytest.mark.django_db
@pytest.mark.no_cover
def test_seeds_end_on_the_shelf_written_by_a_coder_and_approved_by_a_reviewer(folder):
    written, published = load(folder)
    assert (written > 0, published > 0) == (True, True)
    commitment = models.Publication.objects.known_at(None).get(kind="commitment")
    assert commitment.body_json["quotes"][0]["verification"]["level"] == "exact"
    assert commitment.detail_json["deadlines"][0]["latest"] == "2031-03-01"
    assert commitment.detail_json["assessments"][0]["evidence"][0]["claimant"] == {
        "ref": "north",
        "name": {"ar": "الشمال", "en": "North"},
    }
    assert commitment.detail_json["relations"][0]["target_statement"]["ref"] == "talks-one"
    assert set(Entry.objects.values_list("actor", flat=True)) == {"migrate", "first-coder", "reviewer"}
    assert not models.Commitment.objects.exclude(state="published").exists()
    assert models.DocumentText.objects.get().text == builders.TEXT


@pytest.mark.prove
@pytest.mark.django_db
@pytest.mark.parametrize("documents", [True, False])
@pytest.mark.sample(0)
def test_loading_again_writes_nothing(folder, documents):
    load(folder, documents)
    entries, versions = Entry.objects.count(), models.Publication.objects.count()
    assert load(folder, documents) == (0, 0)
    assert (Entry.objects.count(), models.Publication.objects.count()) == (entries, versions)


@pytest.mark.django_db
@pytest.mark.prove
def test_without_texts_a_quote_keeps_its_recorded_check(folder):
    load(folder, documents=False)
    check = models.QuoteCheck.objects.get()
    assert (check.level, check.sha256, check.checked_at.isoformat()) == (
        "exact", models.Document.objects.get().sha256, "2030-06-01T12:00:00+00:00",
    )  # fmt: skip


@pytest.mark.django_db
def test_a_changed_title_is_approved_as_a_new_version_and_a_dropped_topic_goes(folder):
    load(folder)
    changed = GAZETTE.replace("North protects convoys", "North guards convoys").replace("[sovereignty]", "[security]")
    (folder / "seeds/gazette.yaml").write_text(changed, encoding="utf-8")
    load(folder)
    body = models.Publication.objects.known_at(None).get(kind="commitment").body_json
    assert (body["title"]["en"], body["topics"]) == ("North guards convoys", ["security"])


@pytest.mark.prove
@pytest.mark.django_db
def test_what_somebody_changed_here_is_not_overwritten(folder):
    load(folder)
    with act(actor="curator", reason="a better title"):
        models.Commitment.objects.filter(ref="talks-one-01").update(title={"en": "Ours"})
    with pytest.raises(Faulty) as caught:
        load(folder)
    assert [finding.code for finding in caught.value.findings] == ["CHANGED_HERE"]
    load(folder, keep_ours=True)
    assert models.Commitment.objects.get().title == {"en": "Ours"}


@pytest.mark.prove
@pytest.mark.django_db
def test_what_others_wait_to_have_reviewed_is_never_approved_by_loading(folder):
    load(folder)
    with act(actor="carla", reason="a better title"):
        commitment = models.Commitment.objects.get()
        commitment.title = {"en": "Ours"}
        commitment.save()
    assert load(folder, keep_ours=True) == (0, 0)
    assert models.Commitment.objects.get().state == "in_review"
    public = models.Publication.objects.known_at(None).get(kind="commitment").body_json
    assert public["title"]["en"] == "North protects convoys"


@pytest.mark.django_db
def test_a_part_that_somebody_added_here_is_not_taken_away(folder):
    load(folder)
    with act(actor="carla", reason="another topic"):
        models.CommitmentTopic.objects.create(commitment_id="talks-one-01", topic_id="security")
    with pytest.raises(Faulty, match=r"CHANGED_HERE talks-one-01: carla changed it; it differs in"):
        load(folder)
    load(folder, keep_ours=True)
    assert models.CommitmentTopic.objects.count() == 2


@pytest.mark.prove
@pytest.mark.django_db
def test_a_later_file_adds_a_citation_and_an_assessment_of_an_earlier_commitment(folder):
    load(folder)
    later = """\
citations:
  - {commitment: talks-one-01, quote: gazette.quote-1, part: chapeau}
assessments:
  - ref: talks-one-01.assessment-2
    commitment: talks-one-01
    obligor: north
    status: fulfilled
    reason_code: press_report
    rationale: {en: Done.}
    effective: {edtf: "2031"}
    evidence: [{quote: gazette.quote-1, stance: supports}]
"""
    (folder / "seeds/later.yaml").write_text(later, encoding="utf-8")
    load(folder)
    detail = models.Publication.objects.known_at(None).get(kind="commitment").detail_json
    assert [cited["part"] for cited in detail["citations"]] == ["undertaking", "chapeau"]
    assert [judged["status"] for judged in detail["assessments"]] == ["in_progress", "fulfilled"]


# What is done to a right file → the fault's code and a piece of its text.
FAULTS = {
    "unknown party": ("issuers: [north, south]", "issuers: [north, west]", "UNKNOWN_REFERENCE", "there is no party 'west'"),
    "offset off by one": (
        f"start: {START}\n    end: {END}", f"start: {START + 1}\n    end: {END + 1}", "QUOTE_MOVED", f"stands at [{START}], not at {START + 1}",
    ),
    "offset off by one, without its check": (f"start: {START}\n    end: {END}", f"start: {START + 1}\n    end: {END + 1}", "CHECK_STALE", "check it again"),
    "end that doesn't fit the words": (f"end: {END}", f"end: {END + 1}", "BAD_VALUE", "start plus the number of characters"),
    "quote not in the text": ("exact: الشمال ملتزمة", "exact: الشرقي ملتزمة", "QUOTE_NOT_IN_TEXT", "doesn't hold these words"),
    "context that isn't there": ('prefix: "', 'prefix: "x', "WRONG_CONTEXT", "isn't what stands beside it"),
    "quote beyond the end": (f"characters: {len(builders.TEXT)}", "characters: 40", "OUTSIDE", "the document at 40"),
    "date more precise than its words": ("words: 4 May 2030, edtf: \"2030-05-04\"}\n  sha256", "words: May 2030, edtf: \"2030-05-04\"}\n  sha256", "TOO_PRECISE", ""),
    "deadline more precise than its words": ("words: حتى 1 آذار 2031", "words: حتى آذار 2031", "TOO_PRECISE", ""),
    "date that is none": ('edtf: "2030-05-04"}\n    process', 'edtf: "2030-15-04"}\n    process', "TOO_PRECISE", ""),
    "days outside the EDTF form": ('latest: "2031-03-01"', 'latest: "2031-03-02"', "BAD_VALUE", "must lie within the EDTF form"),
    "duplicate reference": ("excluded:", "  - {ref: talks-one-01, statement: talks-one}\nexcluded:", "DUPLICATE_REFERENCE", "talks-one-01: given before"),
    "unknown key": ("    strength: commits", "    strength: commits\n    colour: red", "UNKNOWN_KEY", "commitments.colour"),
    "unknown section": ("excluded:", "colours: []\nexcluded:", "UNKNOWN_KEY", "colours: no section"),
    "missing key": ("    strength: commits\n", "", "MISSING_KEY", "commitments.strength"),
    "unknown code": ("strength: commits", "strength: vows", "BAD_VALUE", "vows"),
    "text where a list belongs": ("topics: [sovereignty]", "topics: sovereignty", "BAD_VALUE", "commitments.topics: give a list"),
    "number where a name belongs": ("topics: [sovereignty]", "topics: [4]", "BAD_VALUE", "4 is no such entry"),
    "entries that are none": ("excluded:\n  - {start: 0, end: 6, words: أعلنت, why: It binds nobody.}", "excluded: [x]", "BAD_VALUE", "give a list of entries"),
    "date that isn't one": ("published: {words: 4 May 2030, edtf: \"2030-05-04\"}", "published: 2030-05-04", "BAD_VALUE", "give {words: …, edtf: …}"),
    "bad YAML": ("document:", "document: [", "BAD_YAML", ""),
    "not even a mapping": (GAZETTE, "[]", "BAD_YAML", "a file holds sections"),
    "a key twice": ("    strength: commits", "    strength: commits\n    strength: agrees", "BAD_YAML", "is given twice"),
    "a key that is no name": ("    strength: commits", "    strength: commits\n    4: x", "BAD_YAML", "is no name"),
    "an assessment without evidence": (
        "evidence: [{quote: gazette.quote-1, stance: supports, claimant: north}]", "evidence: []", "NO_EVIDENCE", "needs at least one evidence",
    ),
    "nothing searched": ("status: in_progress", "status: no_evidence", "NO_SEARCH", "which documents were searched"),
    "a judged party that owes nothing": ("        status: in_progress", "        obligor: south\n        status: in_progress", "NOT_OBLIGOR", "south owes nothing"),
    "nobody owes": ("{party: north, role: obligor}, ", "", "NO_OBLIGOR", "nobody owes it"),
    "nothing proves it": ("part: undertaking", "part: chapeau", "NO_UNDERTAKING", "no quote proves"),
    "not assessed": ("    assessments:\n" + GAZETTE.partition("    assessments:\n")[2].partition("excluded:")[0], "", "NO_ASSESSMENT", "north not assessed"),
    "another text": (builders.TEXT, builders.TEXT + ".", "NO_TEXT", "no file there has SHA-256"),
    "wrong length": (f"length: {len(builders.TEXT.encode())}", "length: 900", "BAD_VALUE", "the text has"),
    "a record without a reference": ("  - ref: talks-one-01\n    statement", "  - statement", "MISSING_KEY", "commitments.ref"),
    "a part twice": ("topics: [sovereignty]", "topics: [sovereignty, sovereignty]", "DUPLICATE_PART", "given twice"),
    "a NUL": ("strength: commits", "strength: commits\0", "BAD_YAML", "U+0000 CONTROL CHARACTER at index"),
    "a noncharacter": ("strength: commits", "strength: commits\uffff", "BAD_YAML", "U+FFFF NONCHARACTER at index"),
    "an escaped control character": ("headline: ", 'headline: "\\x1b" #', "BAD_VALUE", "headline: U+001B CONTROL CHARACTER at index 0 (line 1)"),
    "an override in a headline": ("headline: ", "headline: \u202e", "BAD_VALUE", "headline: U+202E RIGHT-TO-LEFT OVERRIDE at index 0 (line 1)"),
    "an override in a title": ("title: {en: Joint", "title: {en: \u2067Joint", "BAD_VALUE", "title.en: U+2067 RIGHT-TO-LEFT ISOLATE at index 0"),
    "an override in a quote that the document doesn't have": ("exact: الشمال ملتزمة", "exact: الشمال\u202eملتزمة", "QUOTE_NOT_IN_TEXT", "doesn't hold these words"),
    "an override in a quote that nobody found": (
        "exact: الشمال ملتزمة بحماية القوافل", "exact: الشمال\u202eملتزمة بحماية القوافل", "BAD_VALUE", "exact: U+202E RIGHT-TO-LEFT OVERRIDE at index 6",
    ),
    "a length that is no number": (f"characters: {len(builders.TEXT)}", "characters: many", "BAD_VALUE", "document gazette.characters"),
}  # fmt: skip
ALSO = {
    "an assessment without evidence": ("status: in_progress", "status: fulfilled"),
    "nothing searched": ("        searched: [gazette]\n", ""),
    "an override in a quote that nobody found": ("level: exact", "level: folded"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_with_file_and_line_and_nothing_is_written(folder, name):
    right, wrong, code, words = FAULTS[name]
    path = folder / ("documents/gazette.txt" if right == builders.TEXT else "seeds/gazette.yaml")
    content = path.read_text(encoding="utf-8")
    assert right in content
    content = content.replace(right, wrong, 1)
    for also in filter(None, [ALSO.get(name)]):
        content = content.replace(*also, 1)
    path.write_text(content, encoding="utf-8")
    with pytest.raises(Faulty) as caught:
        load(folder)
    found = [finding for finding in caught.value.findings if finding.code == code and words in finding.text]
    assert found, caught.value
    assert found[0].file == "gazette.yaml"
    assert found[0].line > 0
    assert str(found[0]).startswith(f"gazette.yaml:{found[0].line} {code} ")
    assert not Entry.objects.exclude(actor="migrate").exists()
    assert not models.Party.objects.exists()


@pytest.mark.django_db
def test_a_refused_character_is_told_with_its_line(folder):
    path = folder / "seeds/gazette.yaml"
    for wrong, words in (("\0", "file: U+0000"), ("\udcff", "codec can't decode byte 0xff")):
        changed = GAZETTE.replace("    strength: commits", f"    strength: commits{wrong}")
        path.write_bytes(changed.encode(errors="surrogateescape"))
        with pytest.raises(Faulty) as caught:
            load(folder)
        line = 1 + GAZETTE[: GAZETTE.index("strength: commits")].count("\n")
        assert [(each.line, each.code, words in each.text) for each in caught.value.findings] == [
            (line, "BAD_YAML", True)
        ]


@pytest.mark.django_db
def test_a_text_with_a_refused_character_is_a_fault_at_its_document(folder):
    text = builders.TEXT + "\x1b"
    hashed = {
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "length": len(text.encode()),
        "characters": len(text),
    }
    changed = re.sub(
        r"^  (sha256|length|characters): .*$", lambda row: f"  {row[1]}: {hashed[row[1]]}", GAZETTE, flags=re.M
    )
    (folder / "seeds/gazette.yaml").write_text(changed, encoding="utf-8")
    (folder / "documents/gazette.txt").write_text(text, encoding="utf-8")
    with pytest.raises(Faulty) as caught:
        load(folder)
    place = f"gazette: text: U+001B CONTROL CHARACTER at index {len(text) - 1} (line 1): take this character out"
    assert [(each.code, each.text) for each in caught.value.findings] == [("BAD_TEXT", place)]


@pytest.mark.django_db
@pytest.mark.parametrize("documents", [True, False])
@pytest.mark.no_cover
@pytest.mark.sample(0)
def test_an_override_that_the_document_has_is_kept_in_the_quote(folder, documents):
    text, exact = (words.replace("ملتزمة", "\u202bملتزمة\u202c") for words in (builders.TEXT, EXACT))
    changed = {
        f"exact: {EXACT}": f"exact: {exact}", f"end: {END}": f"end: {END + 2}", DIGEST: hashlib.sha256(exact.encode()).hexdigest(),
        hashlib.sha256(builders.TEXT.encode()).hexdigest(): hashlib.sha256(text.encode()).hexdigest(),
        f"length: {len(builders.TEXT.encode())}": f"length: {len(text.encode())}",
        f"characters: {len(builders.TEXT)}": f"characters: {len(text)}",
    }  # fmt: skip
    content = functools.reduce(lambda made, pair: made.replace(*pair), changed.items(), GAZETTE)
    (folder / "seeds/gazette.yaml").write_text(content, encoding="utf-8")
    (folder / "documents/gazette.txt").write_text(text, encoding="utf-8")
    load(folder, documents)
    quote = models.Quote.objects.checked().get()
    assert (quote.exact, quote.level) == (exact, "exact")
    quote.full_clean()
    public = models.Publication.objects.known_at(None).get(kind="commitment").body_json
    assert public["quotes"][0]["exact"] == exact


@pytest.mark.django_db
def test_faults_of_every_kind_in_several_files_are_one_list(folder):
    wrong = (
        GAZETTE.replace("issuers: [north, south]", "issuers: [west]")
        .replace("    strength: commits", "    strength: commits\n    colour: red")
        .replace("exact: الشمال ملتزمة", "exact: الشرقي ملتزمة")
    )
    (folder / "seeds/gazette.yaml").write_text(wrong, encoding="utf-8")
    register = REGISTER.replace("ref: south", "ref: 2030") + "  - {ref: [a], name: {en: A}}\n"
    (folder / "seeds/register.yaml").write_text(register, encoding="utf-8")
    with pytest.raises(Faulty) as caught:
        load(folder)
    codes = {finding.code for finding in caught.value.findings}
    assert codes >= {"UNKNOWN_REFERENCE", "UNKNOWN_KEY", "QUOTE_NOT_IN_TEXT", "BAD_VALUE"}
    assert any("2030 is no text" in finding.text for finding in caught.value.findings)
    assert any("['a'] is no text" in finding.text for finding in caught.value.findings)


@pytest.mark.django_db
def test_a_file_that_cannot_be_read_does_not_make_its_records_unknown(folder):
    (folder / "seeds/register.yaml").write_text("parties: [", encoding="utf-8")
    with pytest.raises(Faulty) as caught:
        load(folder)
    assert [finding.code for finding in caught.value.findings] == ["BAD_YAML"]


@pytest.mark.django_db
def test_all_faults_are_listed_at_once_in_the_order_of_the_lines(folder):
    wrong = GAZETTE.replace("issuers: [north, south]", "issuers: [west]").replace(
        "strength: commits", "vigour: commits"
    )
    (folder / "seeds/gazette.yaml").write_text(wrong, encoding="utf-8")
    with pytest.raises(Faulty) as caught:
        load(folder)
    assert [finding.code for finding in caught.value.findings] == ["UNKNOWN_REFERENCE", "MISSING_KEY", "UNKNOWN_KEY"]


@pytest.mark.django_db
def test_what_the_database_refuses_at_approval_leaves_nothing_written(folder):
    """A quote that was not found exact can't be published without a reviewer's waiver."""
    path = folder / "seeds/gazette.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("level: exact", "level: folded"), encoding="utf-8")
    with pytest.raises(Faulty, match="REFUSED .*is not proven exact"):
        load(folder, documents=False)
    assert not Entry.objects.exclude(actor="migrate").exists()


@pytest.mark.django_db
def test_an_empty_folder_is_a_fault(tmp_path):
    with pytest.raises(Faulty, match="NO_FILES"):
        seeds.Seeds(tmp_path)


@pytest.mark.django_db
def test_the_command_prints_each_fault_on_a_line_of_its_own(folder, capsys):
    (folder / "seeds/gazette.yaml").write_text("document: [", encoding="utf-8")
    with pytest.raises(CommandError, match="1 faults; nothing was written."):
        call_command("load_seeds", folder / "seeds")
    assert re.fullmatch(
        r"gazette\.yaml:[12] BAD_YAML .+\n", capsys.readouterr().out
    )  # the two YAML readers count apart


@pytest.mark.django_db
def test_the_command_says_how_many_quotes_it_checked(folder, capsys):
    call_command("load_seeds", folder / "seeds", documents=folder / "documents")
    assert capsys.readouterr().out.endswith("1 quotes checked against 1 texts.\n")


@pytest.mark.django_db
def test_the_command_refuses_a_folder_that_is_none(tmp_path):
    with pytest.raises(CommandError, match="is no folder"):
        call_command("load_seeds", tmp_path / "nowhere")


def test_yaml_dates_stay_words():
    assert yaml.load("2030-05-04", seeds._Loader) == "2030-05-04"
