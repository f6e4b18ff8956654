"""The house: which room each module is in, and what it may import; no import runs upward."""

import ast
import functools
import graphlib
import sys

import pytest

from tests.builders import TESTS

pytestmark = pytest.mark.no_cover

PROJECT = TESTS.parent
ROOMS = ("pure", "nouns", "verbs", "work", "doors")

# Module: its room, the modules of the house and the packages that it may import beside the standard library.
TABLE = {
    "text": ("pure", "", ""),
    "edtf": ("pure", "", ""),
    "calendars": ("pure", "edtf", "hijridate"),
    "date_words": ("pure", "text", ""),
    "numerals": ("pure", "calendars date_words", ""),
    "grammar": ("pure", "calendars numerals", ""),
    "durations": ("pure", "calendars grammar numerals", ""),
    "deadlines": ("pure", "calendars durations grammar numerals", ""),
    "dates": ("pure", "calendars date_words deadlines edtf text", ""),
    "quotes": ("pure", "text", ""),
    "parallels": ("pure", "quotes", ""),
    "search": ("pure", "dates parallels text", ""),
    "codebook": ("pure", "", "yaml"),
    "standings": ("pure", "", ""),
    "findings": ("pure", "", ""),
    "agreement": ("pure", "", ""),
    "transitions": ("pure", "", ""),
    "fields": ("nouns", "codebook text", "django orjson"),
    "rules": ("nouns", "ledger transitions", "django pgtrigger"),
    "ledger": ("nouns", "text", "django orjson pgtrigger"),
    "functions": ("nouns", "dates ledger rules search text", ""),
    "checkpoints": ("nouns", "fields ledger", "cryptography django pgtrigger"),
    "models": (
        "nouns",
        "checkpoints dates fields ledger rules search text transitions",
        "django django_otp orjson pgtrigger",
    ),
    "representations": ("nouns", "fields ledger models standings", ""),
    "threads": ("nouns", "models", "django"),
    "actions": ("verbs", "fields ledger models quotes representations rules standings text transitions", "django"),
    "factors": ("verbs", "actions ledger models", "django django_otp"),
    "judging": ("work", "actions models representations standings", "django"),
    "intake": ("work", "actions dates ledger models quotes rules text", "django"),
    "practice": ("work", "ledger models rules", ""),
    "bundle": ("pure", "", ""),
    "bags": ("pure", "bundle findings", "orjson"),
    "beside": ("pure", "", ""),
    "verification": (
        "work",
        "actions checkpoints findings functions ledger models quotes search text",
        "django pgtrigger",
    ),
    "fixtures": (
        "work",
        "actions bags beside bundle checkpoints fields findings ledger models search text verification",
        "cryptography django orjson",
    ),
    "releases": ("work", "actions bags checkpoints findings fixtures ledger models", "django"),
    "withholding": ("work", "actions fixtures ledger models releases", "django"),
    "seeds": ("work", "actions codebook findings ledger models text", "django yaml"),
    "apps": ("doors", "", "django"),
    "admin": (
        "doors",
        "actions api checkpoints codebook dates factors fields findings intake judging ledger models parallels practice quotes "
        "releases rules text tracker transitions",
        "django django_otp segno",
    ),
    "templatetags": ("doors", "admin", "django"),
    "api": (
        "doors",
        "checkpoints codebook fields findings ledger models parallels quotes releases search text threads tracker",
        "django django_filters drf_spectacular orjson rest_framework uritemplate",
    ),
    "management": (
        "doors",
        "actions agreement bags bundle checkpoints codebook dates factors findings fixtures ledger models quotes releases seeds text tracker transitions "
        "verification withholding",
        "django rich",
    ),
}


@functools.cache
def modules(folder):
    """{path: the name by which the table knows it} of a package's modules, migrations left out."""
    paths = sorted((PROJECT / folder).rglob("*.py"))
    inside = {path: path.relative_to(PROJECT / folder) for path in paths if "migrations" not in path.parts}
    return {
        path: inner.parts[0].removesuffix(".py") for path, inner in inside.items() if inner.parts != ("__init__.py",)
    }


def imported(path):
    """The dotted names that a module imports, wherever in it, relative ones made absolute."""
    package = path.relative_to(PROJECT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join((*start, *filter(None, [node.module])))
            yield from (f"{base}.{alias.name}" for alias in node.names)


def known(dotted, own):
    """The name by which the table knows what is imported: a module of the house or a package; None for all else."""
    first, *rest = dotted.split(".")
    if first == "commitments":
        return rest[0] if rest and rest[0] != own else None
    return None if first in sys.stdlib_module_names else first


@pytest.mark.parametrize("path", modules("commitments"), ids=lambda path: str(path.relative_to(PROJECT)))
def test_each_module_imports_what_its_room_may(path):
    own = modules("commitments")[path]
    _room, house, packages = TABLE[own]
    found = {name for dotted in imported(path) if (name := known(dotted, own))}
    assert found <= {*house.split(), *packages.split()}


def test_the_table_has_every_module_and_no_other():
    assert set(modules("commitments").values()) == set(TABLE)


def test_no_import_runs_upward_or_in_a_circle():
    for name, (room, house, _packages) in TABLE.items():
        for other in set(house.split()) - {"tracker"}:
            assert ROOMS.index(TABLE[other][0]) <= ROOMS.index(room), f"{name} imports {other}"
    list(graphlib.TopologicalSorter({name: row[1].split() for name, row in TABLE.items()}).static_order())


def test_the_pure_modules_know_no_framework():
    assert {package for room, _house, packages in TABLE.values() if room == "pure" for package in packages.split()} == {
        "hijridate", "orjson", "yaml"
    }  # fmt: skip


@pytest.mark.parametrize("path", [*modules("tracker"), PROJECT / "manage.py"], ids=lambda path: path.name)
def test_the_wiring_knows_no_domain(path):
    assert not [dotted for dotted in imported(path) if dotted.split(".")[0] == "commitments"]


def test_an_import_is_found_however_it_is_written(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "PROJECT", tmp_path)
    folder = tmp_path / "commitments" / "api"
    folder.mkdir(parents=True)
    path = folder / "views.py"
    lines = (
        "import os",
        "from .. import actions",
        "from ..models import Topic",
        "def f():",
        "    from . import filters",
    )
    path.write_text("\n".join((*lines, "    import commitments.seeds")))
    assert sorted(imported(path)) == [
        "commitments.actions",
        "commitments.api.filters",
        "commitments.models.Topic",
        "commitments.seeds",
        "os",
    ]
    assert [known(dotted, "api") for dotted in sorted(imported(path))] == ["actions", None, "models", "seeds", None]
