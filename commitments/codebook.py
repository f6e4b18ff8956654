"""The codebook: every code list with labels and definitions in English and Arabic, read from codebook.yaml once."""

import functools
import pathlib

import yaml

SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where there is one: ten times faster
PATH = pathlib.Path(__file__).with_name("codebook.yaml")


def load(path: pathlib.Path):
    """What a YAML file in UTF-8 says; plain data only."""
    return yaml.load(path.read_text(encoding="utf-8"), SafeLoader)  # noqa: S506 - it is the safe one


@functools.cache
def read() -> dict:
    """The whole codebook: {"version", "issued", "vocabularies": {name: {"label", "definition", "codes": [...]}}}."""
    return load(PATH)


def codes(vocabulary: str) -> dict[str, dict]:
    """{code: its entry} of one vocabulary, in the codebook's order; KeyError for an unknown one."""
    return {entry["code"]: entry for entry in read()["vocabularies"][vocabulary]["codes"]}


def label(vocabulary: str, code: str, language: str) -> str:
    """A code's label in `language` ("ar" or anything else: English)."""
    return codes(vocabulary)[code]["label"]["ar" if language.startswith("ar") else "en"]
