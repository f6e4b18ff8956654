"""What breaks a client of an earlier OpenAPI document: `python -m tests.compatibility` makes what is served a promise, unless it breaks one.

Promised is what docs/openapi-v1.yaml holds. A request that was right must stay right, and all that an answer said must still be said, in the
same form. What may come at any time: addresses, parameters that can be left out, members, headers, formats, and codes of a code list.
"""

import pathlib
import sys
from collections.abc import Callable, Iterator

import yaml

from commitments.codebook import SafeLoader

PROMISED = pathlib.Path(__file__).parent.parent / "docs" / "openapi-v1.yaml"
SafeDumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
PROSE = ("description", "summary", "examples", "example", "tags", "links")  # may be told otherwise


def promised(document: dict) -> dict:
    """The same document without its prose: what a client relies on."""

    def bare(part, inside: str = ""):
        if isinstance(part, list):
            return [bare(each) for each in part]
        if not isinstance(part, dict):
            return part
        named = inside in ("properties", "schemas", "headers", "responses", "paths", "content")  # names of our own
        return {name: bare(each, name) for name, each in part.items() if named or name not in PROSE}

    return bare({name: document[name] for name in ("openapi", "paths", "components")})


class Side:
    """One of the two documents: follows its references."""

    def __init__(self, document: dict):
        self.document = document

    def of(self, part: dict) -> dict:
        while "$ref" in part:
            found = self.document
            for name in part["$ref"].removeprefix("#/").split("/"):
                found = found.get(name, {})
            part = found
        return part


def breaks(old: dict, new: dict) -> list[str]:
    """Every promise of `old` that `new` breaks, by name."""
    was, now = Side(old), Side(new)
    found = [f"{path} is gone" for path in old["paths"] if path not in new["paths"]]
    for path in old["paths"].keys() & new["paths"].keys():
        for method, operation in old["paths"][path].items():
            if method not in new["paths"][path]:
                found.append(f"{method} {path} is gone")
            else:
                found += _operation(was, operation, now, new["paths"][path][method], path)
    for kind, names in old["components"].items():
        there = new["components"].get(kind, {})
        found += [f"component {name} is gone" for name in names if name not in there]
    there = new["components"]["schemas"]
    for name, schema in old["components"]["schemas"].items():
        if name in there:
            found += _fits(now, there[name], was, schema, name, lenient=True)
    return sorted(set(found))


def _operation(was: Side, old: dict, now: Side, new: dict, path: str) -> Iterator[str]:
    if old["operationId"] != new["operationId"]:
        yield f"{path} is called {new['operationId']}, not {old['operationId']}"
    known = {(each["in"], each["name"]): each for each in old.get("parameters", ())}
    given = {(each["in"], each["name"]): each for each in new.get("parameters", ())}
    for key, each in given.items():
        if each.get("required") and not known.get(key, {}).get("required"):
            yield f"{path} ?{key[1]} must be given"
    for key, each in known.items():
        where = f"{path} ?{key[1]}"
        if key not in given:
            yield f"{where} is gone"
            continue
        for name in ("style", "explode"):
            if each.get(name) != given[key].get(name):
                yield f"{where} is written otherwise"
        yield from _fits(was, each["schema"], now, given[key]["schema"], where, lenient=False)
        yield from _same_default(was.of(each["schema"]), now.of(given[key]["schema"]), where)
    for status, response in old["responses"].items():
        if status in new["responses"]:
            yield from _response(was, was.of(response), now, now.of(new["responses"][status]), f"{path} {status}")
        elif status < "400":  # a refusal that never comes any more breaks nothing
            yield f"{path} {status} is gone"


def _same_default(old: dict, new: dict, where: str) -> Iterator[str]:
    if old.get("default") != new.get("default"):
        yield f"{where} is {new.get('default')} where it isn't given, not {old.get('default')}"


def _response(was: Side, old: dict, now: Side, new: dict, where: str) -> Iterator[str]:
    yield from (
        f"{where} header {name} is gone" for name in old.get("headers", {}) if name not in new.get("headers", {})
    )
    for media_type, content in old.get("content", {}).items():
        if media_type not in new.get("content", {}):
            yield f"{where} {media_type} is gone"
        else:
            yield from _fits(now, new["content"][media_type]["schema"], was, content["schema"], where, lenient=True)


def _fits(inner_side: Side, inner: dict, outer_side: Side, outer: dict, where: str, *, lenient: bool) -> Iterator[str]:
    """Why a value of `inner` may be none of `outer`: of requests the old inside the new, of answers the new inside the old.

    `lenient`: of answers, which may have more members and codes, but none less.
    """
    if "$ref" in inner and inner["$ref"] == outer.get("$ref"):
        return  # each component is held against its namesake once
    inner, outer = inner_side.of(inner), outer_side.of(outer)
    if "anyOf" in inner or "anyOf" in outer:
        for each in _forms(inner):
            tried = (_fits(inner_side, each, outer_side, other, where, lenient=lenient) for other in _forms(outer))
            yield from min(map(list, tried), key=len)
        return
    if _kinds(outer) and not _kinds(inner) <= _kinds(outer):
        yield f"{where} is {' or '.join(sorted(_kinds(inner)) or ['anything'])}, not {' or '.join(sorted(_kinds(outer)))}"
        return
    yield from _values(inner, outer, where, lenient)
    for name, sign in LIMITS.items():
        if name in outer and (name not in inner or sign * inner[name] > sign * outer[name]):
            yield f"{where} {name} was another"
    for name in ("pattern", "format", "contentMediaType"):
        if name in outer and inner.get(name) != outer[name]:
            yield f"{where} {name} was another"
    yield from _members(inner_side, inner, outer_side, outer, where, lenient)


def _forms(schema: dict) -> list[dict]:
    """The schema for each of the forms that it may have."""
    common = {name: each for name, each in schema.items() if name != "anyOf"}
    return [common | form for form in schema["anyOf"]] if "anyOf" in schema else [schema]


LIMITS = {"maxLength": 1, "maxItems": 1, "maximum": 1, "minLength": -1, "minItems": -1, "minimum": -1}


def _kinds(schema: dict) -> set[str]:
    named = schema.get("type", [])
    kinds = {named} if isinstance(named, str) else set(named)
    return kinds | {"integer"} if "number" in kinds else kinds


def _values(inner: dict, outer: dict, where: str, lenient: bool) -> Iterator[str]:
    """The values that one side has and the other hasn't; a code that goes breaks both who sends and who reads it."""
    mine, theirs = (set(side.get("enum", [side["const"]] if "const" in side else ())) for side in (inner, outer))
    if lenient:  # `inner` is the new one
        if theirs and mine:
            yield from (f"{where} {value!r} is gone" for value in sorted(theirs - mine))
        elif theirs:
            yield f"{where} may be anything"
    elif theirs:
        yield from (f"{where} {value!r} is gone" for value in sorted(mine - theirs))
        if not mine:
            yield f"{where} is one of a list"


def _members(inner_side: Side, inner: dict, outer_side: Side, outer: dict, where: str, lenient: bool) -> Iterator[str]:
    mine, theirs = inner.get("properties", {}), outer.get("properties", {})
    if lenient:
        yield from (f"{where}.{name} is gone" for name in theirs if name not in mine)
    for name in sorted(set(outer.get("required", ())) - set(inner.get("required", ()))):
        if name in mine:
            yield f"{where}.{name} may be missing"
    for name in theirs.keys() & mine.keys():
        yield from _fits(inner_side, mine[name], outer_side, theirs[name], f"{where}.{name}", lenient=lenient)
    for name, mark in (("items", "[]"), ("additionalProperties", ".*")):
        if isinstance(outer.get(name), dict) and isinstance(inner.get(name), dict):
            yield from _fits(inner_side, inner[name], outer_side, outer[name], where + mark, lenient=lenient)


def read(path: pathlib.Path = PROMISED) -> dict:
    """An OpenAPI document from its file."""
    return yaml.load(path.read_text(encoding="utf-8"), SafeLoader)


def main(
    served: Callable[[], dict] = lambda: read(PROMISED.with_name("openapi.yaml")), path: pathlib.Path = PROMISED
) -> str:
    """Makes docs/openapi.yaml the promise; why not, where that breaks the one there is."""
    new = promised(served())
    if path.exists() and (broken := breaks(read(path), new)):
        return "\n".join(["This breaks what is promised:", *broken])
    path.write_text(yaml.dump(new, Dumper=SafeDumper, sort_keys=False, allow_unicode=True, width=120), encoding="utf-8")
    return ""


if __name__ == "__main__":
    sys.exit(main() or None)
