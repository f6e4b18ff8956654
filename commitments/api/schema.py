"""The OpenAPI document: each operation from its view's own parameters, shapes and docstring."""

import functools
import json
import pathlib
import re
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

import uritemplate
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent

from . import shapes
from .errors import DETAILS, TITLES

EVERYWHERE = (400, 405, 406, 412, 414, 415, 429, 431, 500, 503)
LICENCE = {"name": "CC BY 4.0 for this register's words; quotes belong to their publishers", "url": "/licence/data/"}
METHODS = """Everything is read with GET. HEAD gives an answer's headers alone; OPTIONS the methods, formats and parameters of an
address, and to a browser's preflight request what other sites' pages may send. Any other method is refused with 405."""
IN_PATH = {
    "ref": {
        "description": "The record's reference.",
        "schema": {"type": "string", "pattern": shapes.REFERENCE, "maxLength": 200},
    },
    "name": {
        "description": "The vocabulary's name.",
        "schema": {"type": "string", "enum": list(shapes.codebook.read()["vocabularies"])},
    },
}
HEADERS = {
    "RequestID": ("string", "The request's id: the one sent, if that is 8 to 100 plain characters, else a new one."),
    "RetryAfter": ("integer", "After how many seconds to try again."),
    "ETag": ("string", "The answer's version. Send it in If-None-Match: an unchanged answer comes as 304, bodiless."),
    "LastModified": ("string", "Since when the answer is as it is; not told in that very second."),
    "Link": ("string", "The pages before and after, other formats, and what describes this, by relation (RFC 8288)."),
    "RateLimit": ("string", "Where a limit is set: how many requests are left (r) for so many seconds (t)."),
    "RateLimitPolicy": (
        "string",
        "Where a limit is set: how many requests (q) a client may send in so many seconds (w).",
    ),
    "CacheControl": (
        "string",
        "How long who may keep the answer: any cache, asked again by each browser; or `no-store`.",
    ),
    "Vary": (
        "string",
        "The request's headers on which the answer depends: Accept-Encoding; Accept, with several formats.",
    ),
    "ContentEncoding": ("string", "How the answer is compressed, if it is: as Accept-Encoding allows."),
    "ContentDisposition": ("string", "Of other formats than JSON: the name to keep the file under."),
    "AllowOrigin": (
        "string",
        "Whose pages may read the answer: `*`, or the page's own origin where origins are listed.",
    ),
    "ExposeHeaders": ("string", "Which of these headers other sites' pages may read."),
    "Allow": ("string", "The methods there are."),
}
ALWAYS = {
    "X-Request-ID": "RequestID",
    "RateLimit": "RateLimit",
    "RateLimit-Policy": "RateLimitPolicy",
    "Cache-Control": "CacheControl",
    "Access-Control-Allow-Origin": "AllowOrigin",
    "Access-Control-Expose-Headers": "ExposeHeaders",
}
CACHED = ALWAYS | {"ETag": "ETag", "Last-Modified": "LastModified", "Link": "Link", "Vary": "Vary"}
CACHED |= {"Content-Encoding": "ContentEncoding"}
OWN = {405: {"Allow": "Allow"}, 429: {"Retry-After": "RetryAfter"}, 503: {"Retry-After": "RetryAfter"}}  # of refusals


def _header(name: str) -> dict:
    return {"$ref": f"#/components/headers/{name}"}


def _problem(status: int) -> dict:
    headers = {name: _header(component) for name, component in (ALWAYS | OWN.get(status, {})).items()}
    content = {"schema": shapes.ref("Problem")} | (shown(str(status)) or written(status))
    return {
        "description": DETAILS.get(status, "This address doesn't answer in that format."),
        "headers": headers,
        "content": {"application/problem+json": content},
    }


def written(status: int) -> dict:
    """The member `examples` of a refusal that no request to the shipped record brings about."""
    taken = {"ref": "talks-2030-05-04-01", "version": 2, "reason": "It repeated another one."}
    example = {
        "type": "about:blank",
        "title": TITLES.get(status) or HTTPStatus(status).phrase,
        "status": status,
        "detail": DETAILS[status],
        "request_id": "front-end-0042",
    } | ({"tombstone": taken | {"retracted_at": "2030-06-01T12:00:00Z"}} if status == 410 else {})
    return {"examples": {"such": {"summary": "What it looks like.", "value": example}}}


# Of each operation and refusal a request to the shipped record with its answer, and of parameters a value that finds
# something in it; tests/test_openapi.py asks for all of them.
EXAMPLES = json.loads(pathlib.Path(__file__).with_name("examples.json").read_text(encoding="utf-8"))
SINGLE = ("retrieve", "bundle", "parallels", "facets", "thread", "scorecard")  # actions that answer with one thing


def shown(name: str) -> dict:
    """The member `examples` of a media type: the request and its answer; none for what the shipped record can't answer."""
    found = EXAMPLES["answers"].get(name)
    return {"examples": {"shipped": {"summary": found["request"], "value": found["answer"]}}} if found else {}


def exemplified(parameter: dict, value: str | None, alone: bool = False) -> dict:
    """A parameter with an example: of the request that is shown, or, `alone`, only of what its values look like."""
    if value is None:
        return parameter
    schema = parameter["schema"]
    item = schema.get("items", schema)
    read = {"integer": int, "boolean": "true".__eq__}.get(item.get("type"), str)
    example = list(map(read, value.split(","))) if "items" in schema else read(value)
    return parameter | ({"schema": schema | {"examples": [example]}} if alone else {"example": example})


COMPONENTS = {
    "schemas": shapes.SCHEMAS,
    "headers": {name: {"description": told, "schema": {"type": kind}} for name, (kind, told) in HEADERS.items()},
    "responses": {f"Problem{status}": _problem(status) for status in sorted({*EVERYWHERE, 404, 410})}
    | {
        "NotModified": {
            "description": "The copy that the client has is current.",
            "headers": {name: _header(component) for name, component in (ALWAYS | {"ETag": "ETag"}).items()},
        }
    },
}


class Schema(AutoSchema):
    """Describes a view by its parameters, docstring and `answers` (action → component); without those, not at all."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry
    ) -> dict | None:
        view = self.view
        action = getattr(view, "action", None) or "retrieve"
        answer = view.answers.get(action)
        if answer is None:
            return None
        own = view.get_renderers()[0]  # of a route that has one format alone
        answer = getattr(own, "answers", {}).get(action, answer)
        for kind, components in COMPONENTS.items():
            for name, component in components.items():
                registry.register_on_missing(ResolvedComponent(name, kind, component, name))
        told = (own, view) if hasattr(own, "answers") else (getattr(view, action, None), type(view))
        about = " ".join(next(filter(None, (each.__doc__ for each in told))).split())
        variables = uritemplate.variables(path)
        single = action in SINGLE
        missing = (404, 410) if single else (404,)  # a history tells a retraction, and goes on answering
        missing = missing if variables else ()
        words = path.removeprefix("/api/v1").replace("{ref}.", "").split("/")
        words = [word for word in words if word and not word.startswith("{")]
        name = "_".join(["get" if single else "list", *(words or ["index"])]).replace(".", "_")
        return {
            "operationId": name,
            "summary": f"One of them: {about}" if path.endswith("}/") and action == "retrieve" else about,
            "tags": [word.partition(".")[0] for word in words[:1]] or ["index"],
            "parameters": list(self.parameters(path, variables, name)),
            "responses": self.responses(answer, missing, path, name),
        }

    def parameters(self, path: str, variables: list[str], name: str) -> Iterator[dict]:
        """The parameters in the path and in the query; those of the request that is shown have its values."""
        found = EXAMPLES["answers"].get(name, {"request": "", "answer": ""})
        request, answer = urlsplit(found["request"]), found["answer"]
        following = urlsplit(answer.get("next") or "") if isinstance(answer, dict) else request
        inside = re.fullmatch(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+?)", re.escape(path)), request.path)
        given = dict(parse_qsl(request.query)) | (inside.groupdict() if inside else {})
        others = EXAMPLES["values"] | dict(parse_qsl(following.query)) | EXAMPLES["values"].get(name, {})
        for each in variables:
            yield exemplified({"name": each, "in": "path", "required": True} | IN_PATH[each], given.get(each))
        for each, parameter in self.view.get_filterset_class().base_filters.items():
            # A cursor belongs to the question that it was given for: with any other it is refused.
            value = None if each == "cursor" else given.get(each, others.get(each))
            yield exemplified(parameter.documented(each), value, alone=each not in given)

    def responses(self, answer: str, missing: tuple[int, ...], path: str, name: str) -> dict:
        """By status: the component that is answered, and every problem there can be."""
        action, cached = getattr(self.view, "action", None), path.startswith(("/api/v1/", "/feeds/"))
        own, *others = self.view.get_renderers()
        headers = CACHED if cached else ALWAYS
        if any(getattr(each, "extension", "") or each.media_type == "application/zip" for each in (own, *others)):
            headers = headers | {"Content-Disposition": "ContentDisposition"}
        good = {
            "description": shapes.SCHEMAS[answer]["description"],
            "headers": {name: _header(component) for name, component in headers.items()},
            "content": {
                each.media_type: {"schema": shapes.whole_or_sparse(getattr(each, "answers", {}).get(action, answer))}
                | (shown(name) if each is own else {})
                for each in (own, *others)
            },
        } | self.links(path)
        names = {200: None, 304: "NotModified"} if cached else {200: None}
        names |= {status: f"Problem{status}" for status in sorted({*EVERYWHERE, *missing})}
        return {
            str(status): {"$ref": f"#/components/responses/{name}"} if name else good for status, name in names.items()
        }

    def links(self, path: str) -> dict:
        """From a list to what there is of each of its rows."""
        view = self.view
        if getattr(view, "action", None) != "list" or not hasattr(view, "retrieve") or not path.endswith("/"):
            return {}
        below = {each.url_path: each.url_name for each in view.get_extra_actions() if each.detail}
        name, field = path.split("/")[-2], getattr(view, "lookup_field", "")
        found = {
            each or "detail": {
                "operationId": "_".join(["get" if action in SINGLE else "list", name, *filter(None, [each])]),
                "parameters": {field: "$response.body#/results/0/ref"},
                "description": "Of the first row.",
            }
            for each, action in {"": "retrieve", **below}.items()
        }
        return {"links": found}


def completed(result: dict, **_asked) -> dict:
    """The document with what stands above its paths; a tag is told as the first of its operations."""
    operations = sorted((path, item["get"]) for path, item in result["paths"].items())
    tags = {}
    for _path, operation in operations:
        tags.setdefault(operation["tags"][0], operation["summary"])
    info = result["info"] | {"description": f"{result['info']['description']}\n\n{METHODS}", "license": LICENCE}
    top = {"servers": [{"url": "/", "description": "Where this document comes from."}]}
    return (
        result | {"info": info} | top | {"tags": [{"name": name, "description": tags[name]} for name in sorted(tags)]}
    )


@functools.cache
def document() -> dict:
    """The whole document; it is the same for every request."""
    return SchemaGenerator().get_schema(public=True)
