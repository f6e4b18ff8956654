"""The codebook: every code list of the design in its order, in both languages, with cues and near-misses."""

import re
import unicodedata

import pytest

from commitments import codebook

CODES = {
    "statement_kind": "joint_statement joint_declaration agreement meeting_readout unilateral_statement",
    "party_kind": "state government_body substate international_organisation coalition joint_body non_state_group "
    "community person",
    "document_kind": "official_text news_report translation",
    "voice": "statement_quoted statement_reported speaker_quoted speaker_reported narrative",
    "part": "undertaking chapeau deadline condition evidence",
    "stance": "supports disputes context",
    "role": "obligor beneficiary supporter guarantor",
    "strength": "commits agrees intends supports recognises discusses asserts",
    "deadline_sense": "due in_effect",
    "deadline_kind": "date relative event recurring standing none",
    "relation_kind": "reaffirms specifies extends supersedes fulfils precondition_of conflicts_with same_as related",
    "relation_scope": "same wider narrower different",
    "status": "not_assessed no_evidence not_started in_progress being_kept stalled partly_fulfilled fulfilled "
    "not_fulfilled contrary_action withdrawn superseded unverifiable",
    "schedule": "no_deadline awaiting_event not_due overdue met_on_time met_late met_date_unclear ongoing_duty closed",
    "editorial_state": "draft in_review published retracted",
    "level": "exact moved folded partial absent unchecked",
    "publication_class": "content housekeeping correction retraction",
}
OPEN = {"reason_code", "topic"}  # lists that the design leaves to the codebook
JUDGED = ("strength", "status")  # those that coders choose between: with cues and near-misses
VOCABULARIES = codebook.read()["vocabularies"]
ENTRIES = [(name, code, entry) for name in VOCABULARIES for code, entry in codebook.codes(name).items()]


def texts(value):
    """Every text of a language map of texts or lists of texts, with its language."""
    return [(language, text) for language, one in value.items() for text in (one if isinstance(one, list) else [one])]


def test_the_codes_are_those_of_the_design_in_its_order():
    assert {name: " ".join(codebook.codes(name)) for name in VOCABULARIES if name not in OPEN} == CODES
    assert set(VOCABULARIES) == {*CODES, *OPEN}
    assert all(len(codebook.codes(name)) > 4 for name in OPEN)
    assert codebook.read()["version"]


def test_each_entry_has_its_parts_and_no_other():
    for name, code, entry in ENTRIES:
        assert list(entry) == ["code", "label", "definition", *(["cues", "near_misses"] if name in JUDGED else [])], (
            code
        )
    for name, vocabulary in VOCABULARIES.items():
        assert list(vocabulary) == ["label", "definition", "codes"], name
        assert len(vocabulary["codes"]) == len(codebook.codes(name)), name


def test_every_text_is_there_in_english_and_in_arabic_and_is_clean():
    maps = [vocabulary[part] for vocabulary in VOCABULARIES.values() for part in ("label", "definition")]
    maps += [entry[part] for _name, _code, entry in ENTRIES for part in list(entry)[1:]]
    for one in maps:
        assert list(one) == ["en", "ar"], one
        for language, text in texts(one):
            assert text == " ".join(text.split()) != "", text
            assert text == unicodedata.normalize("NFC", text), text
            assert not any(unicodedata.category(character) == "Cf" for character in text), text
            assert bool(re.search("[\u0600-\u06ff]", text)) == (language == "ar") or "«" in text, text
            assert language == "en" or not re.search("[A-Za-z]", text), text


@pytest.mark.parametrize("name", VOCABULARIES)
@pytest.mark.parametrize("part", ["label", "definition"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_two_codes_of_a_list_say_the_same(name, part, language):
    said = [entry[part][language] for entry in codebook.codes(name).values()]
    assert len(set(said)) == len(said)
    assert max(map(len, said)) <= {"label": 40, "definition": 220}[part]


@pytest.mark.parametrize("name", JUDGED)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_cue_points_to_two_codes(name, language):
    cues = [cue for entry in codebook.codes(name).values() for cue in entry["cues"][language]]
    assert len(set(cues)) == len(cues) > 0


@pytest.mark.parametrize("name", JUDGED)
def test_each_near_miss_names_the_code_that_is_right_the_same_in_both_languages(name):
    entries = codebook.codes(name)
    for code, entry in entries.items():
        misses = entry["near_misses"]
        assert len(misses["en"]) == len(misses["ar"]) > 0, code
        for english, arabic in zip(misses["en"], misses["ar"], strict=True):
            named = {other for other in entries if re.search(rf"\b{other}\b", english)}
            assert named == {other for other in entries if f"«{entries[other]['label']['ar']}»" in arabic}, (
                english,
                arabic,
            )
            assert named - {code} or "left out" in english or "no agreement" in english, english
            assert "because" in english, english


def test_a_label_is_arabic_for_arabic_readers_and_english_for_all_others():
    entry = codebook.codes("status")["no_evidence"]
    assert [codebook.label("status", "no_evidence", language) for language in ("ar", "ar-iq", "en", "ku")] == [
        entry["label"]["ar"], entry["label"]["ar"], entry["label"]["en"], entry["label"]["en"]
    ]  # fmt: skip


def test_an_unknown_vocabulary_or_code_is_a_key_error():
    for arguments in (("mood", "glad", "en"), ("status", "glad", "en")):
        with pytest.raises(KeyError):
            codebook.label(*arguments)
