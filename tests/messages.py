"""The Arabic catalogue: reads every message out of the sources, `.po` and `.mo`; run, it brings both up to date and lists what lacks Arabic.

    python -m tests.messages        (`make messages`)

New messages are added to the `.po` with an empty msgstr, those that nothing says any more go; the `.mo` is written
anew. Pure Python: a machine needs no gettext tools. Exit code 1 while something is missing.
"""

import ast
import pathlib
import re
import struct
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.utils.translation.template import templatize

PROJECT = pathlib.Path(__file__).parent.parent
ROOTS = ("commitments", "tracker")
PO = PROJECT / "commitments" / "locale" / "ar" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
HEADER = """\
Language: ar
MIME-Version: 1.0
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: 8bit
Plural-Forms: nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5;
"""
FORMS = 6  # zero, one, two, 3 to 10, 11 to 99, other: as the header's Plural-Forms
CALLED = {"gettext": 1, "gettext_lazy": 1, "gettext_noop": 1, "ngettext": 2, "ngettext_lazy": 2}  # and how many texts
CALL = re.compile(r"(?<![\w.])(?:_|n?gettext)\((?:[^()'\"]|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")*\)")
LITERAL = re.compile(r'(msgid|msgid_plural|msgstr(?:\[\d\])?)? ?(".*")')
PLACE = re.compile(r"%\(\w+\)[a-z]|%[sdr%]|\{\w*\}|<[^>]+>")

Message = tuple[str, ...]  # (msgid,) or (msgid, msgid_plural)
DJANGO: tuple[Message, ...] = (  # what Django says on our pages, and says in English alone, or wrongly
    ("Add %(name)s",),
    ("Add another %(verbose_name)s",),
    ("Select %s to change",),
    ("Select %s to view",),
    ("The {name} “{obj}” was added successfully.",),
    ("The {name} “{obj}” was added successfully. You may edit it again below.",),
    ("The {name} “{obj}” was changed successfully.",),
    ("%(model)s instance with %(field)s %(value)r is not a valid choice.",),
    ("Constraint “%(name)s” is violated.",),
    ("Conflicting form data submitted. Please try again.",),
    ("Disabled",),
    ("Enable password-based authentication for this user by setting a password.",),
    ("Enabled",),
    ("Password-based authentication",),
    ("Password-based authentication was disabled.",),
    ("Please submit at least %(num)d form.", "Please submit at least %(num)d forms."),
    ("Please submit at most %(num)d form.", "Please submit at most %(num)d forms."),
    ("Raw passwords are not stored, so there is no way to see the user’s password.",),
    ("Reset password",),
    ("Set password",),
    ("Set password: %s",),
    (
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
    (
        "Whether the user will be able to authenticate using a password or not. If disabled, they may still be able to "
        "authenticate using other backends, such as Single Sign-On or LDAP.",
    ),
)


class Catalogue(NamedTuple):
    """What a `.po` file says: its header, its messages with their translations, and those marked fuzzy."""

    header: str
    messages: dict[Message, tuple[str, ...]]
    fuzzy: list[Message]


def in_python(source: str, names: dict[str, int] | None = None) -> Iterator[Message]:
    """The messages of Python source; ValueError, with the line, where one isn't written out."""
    tree = ast.parse(source)
    names = names or {
        alias.asname or alias.name: CALLED[alias.name]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.name in CALLED
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            texts = node.args[: names[node.func.id]]
            if not all(isinstance(text, ast.Constant) and isinstance(text.value, str) for text in texts):
                raise ValueError(f"line {node.lineno}: {ast.unparse(node)}: write the message out, as one literal")
            yield tuple(text.value for text in texts)


def in_template(source: str) -> Iterator[Message]:
    """The messages of a template, as Django itself reads them out of it."""
    for found in CALL.finditer(templatize(source)):
        yield from in_python(found[0], {"_": 1, "gettext": 1, "ngettext": 2})


def in_sources() -> dict[Message, list[str]]:
    """Every message of ROOTS, with the files that say it, both in order."""
    found: dict[Message, set[str]] = {message: {"django"} for message in DJANGO}
    for root in ROOTS:
        for path in sorted((PROJECT / root).rglob("*")):
            if path.suffix not in (".py", ".html") or "migrations" in path.parts:
                continue
            read = in_python if path.suffix == ".py" else in_template
            for message in read(path.read_text(encoding="utf-8")):
                found.setdefault(message, set()).add(path.relative_to(PROJECT).as_posix())
    return {message: sorted(found[message]) for message in sorted(found)}


def read(text: str) -> Catalogue:
    """What a `.po` file says."""
    header, messages, fuzzy = "", {}, []
    for block in re.split(r"\n\s*\n", text.strip()):
        parts, last = {}, ""
        for line in map(str.strip, block.splitlines()):
            if not line.startswith("#"):
                keyword, literal = LITERAL.fullmatch(line).groups()
                last = keyword or last
                parts[last] = parts.get(last, "") + ast.literal_eval(literal)
        message = tuple(parts.pop(name) for name in ("msgid", "msgid_plural") if name in parts)
        if message == ("",):
            header = parts["msgstr"]
            continue
        messages[message] = tuple(parts.values())
        if re.search(r"^\s*#,.*fuzzy", block, re.MULTILINE):
            fuzzy.append(message)
    return Catalogue(header, messages, fuzzy)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    lines = [line.replace("\n", "\\n") for line in escaped.splitlines(keepends=True)] or [""]
    return "\n".join(f'"{line}"' for line in (["", *lines] if len(lines) > 1 else lines))


def written(messages: dict[Message, tuple[str, ...]], places: dict[Message, list[str]]) -> str:
    """A `.po` file."""
    blocks = [f'msgid ""\nmsgstr {_quoted(HEADER)}']
    for message, translations in messages.items():
        lines = [f"#: {place}" for place in places.get(message, [])]
        lines += [f"{name} {_quoted(text)}" for name, text in zip(("msgid", "msgid_plural"), message, strict=False)]
        several = len(message) > 1
        lines += [f"msgstr{f'[{n}]' * several} {_quoted(text)}" for n, text in enumerate(translations)]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def compiled(catalogue: Catalogue) -> bytes:
    """A `.mo` file, of the format that GNU gettext describes, without its optional hash table."""
    pairs = {b"": catalogue.header.encode()}
    for message, translations in catalogue.messages.items():
        if all(translations):
            pairs["\0".join(message).encode()] = "\0".join(translations).encode()
    keys = sorted(pairs)
    ids, texts = (b"".join(each + b"\0" for each in column) for column in (keys, [pairs[key] for key in keys]))
    start = 28 + 16 * len(keys)
    tables = []
    for column, at in ((keys, start), ([pairs[key] for key in keys], start + len(ids))):
        for each in column:
            tables += [len(each), at]
            at += len(each) + 1
    head = (0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, start)
    return struct.pack(f"<7I{len(tables)}I", *head, *tables) + ids + texts


def faults(catalogue: Catalogue, said: Iterable[Message]) -> list[str]:
    """What is wrong with a catalogue, a line each: what lacks Arabic, nobody says, is fuzzy, or fills other places."""
    said = list(said)
    found = [f"no Arabic: {message[0]!r}" for message in said if not all(catalogue.messages.get(message, [""]))]
    found += [f"nobody says: {message[0]!r}" for message in catalogue.messages if message not in said]
    found += [f"fuzzy: {message[0]!r}" for message in catalogue.fuzzy]
    twice = Counter(message[0] for message in said)
    found += [f"with and without a plural: {text!r}" for text in twice if twice[text] > 1]
    for message, translations in catalogue.messages.items():
        if len(translations) != (1 if len(message) == 1 else FORMS):
            found.append(f"{len(translations)} forms: {message[0]!r}")
        for n, text in enumerate(translations):
            wanted, given = (sorted(PLACE.findall(each)) for each in (message[-1], text))
            # "none", "one" and "two" are words of their own in Arabic, which need no number that has a name.
            if len(message) > 1 and n < 3 and not {"%s", "%d"}.intersection(wanted):
                wanted = [each for each in wanted if each in given]
            if text and given != wanted:
                found.append(f"other places: {message[-1]!r} has {wanted}, {text!r} has {given}")
    return found


def main() -> int:
    """Brings both files up to date; prints what is missing and wrong; 1 if anything is."""
    said = in_sources()
    had = read(PO.read_text(encoding="utf-8")).messages if PO.exists() else {}
    blank = {message: ("",) * (1 if len(message) == 1 else FORMS) for message in said}
    messages = {message: had.get(message, blank[message]) for message in said}
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_text(written(messages, said), encoding="utf-8")
    catalogue = read(PO.read_text(encoding="utf-8"))
    MO.write_bytes(compiled(catalogue))
    found = faults(catalogue, said)
    print("\n".join([*found, f"{len(said)} messages, {len(found)} faults."]))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
