"""The codebook: every code list with labels and definitions in English and Arabic, read from codebook.yaml once."""

import functools
import pathlib

import yaml

PATH = pathlib.Path(__file__).with_name("codebook.yaml")


@functools.cache
def read() -> dict:
    """The whole codebook: {"version", "issued", "vocabularies": {name: {"label", "definition", "codes": [...]}}}."""
    return yaml.safe_load(PATH.read_text(encoding="utf-8"))


def codes(vocabulary: str) -> dict[str, dict]:
    """{code: its entry} of one vocabulary, in the codebook's order; KeyError for an unknown one."""
    return {entry["code"]: entry for entry in read()["vocabularies"][vocabulary]["codes"]}


def label(vocabulary: str, code: str, language: str) -> str:
    """A code's label in `language` ("ar" or anything else: English)."""
    return codes(vocabulary)[code]["label"]["ar" if language.startswith("ar") else "en"]
