"""The OpenAPI document: each operation from its view's own parameters, shapes and docstring."""

import functools

import uritemplate
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent

from . import shapes
from .errors import DETAILS

EVERYWHERE = (400, 406, 412, 414, 415, 429, 431, 500, 503)
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
REQUEST_ID = {
    "description": "The request's id: the one sent, if that is 8 to 100 plain characters, else a new one.",
    "schema": {"type": "string"},
}
ETAG = {
    "description": "The answer's version. Send it in If-None-Match: an unchanged answer comes as 304, bodiless.",
    "schema": {"type": "string"},
}
LAST_MODIFIED = {
    "description": "Since when the answer is as it is; not told in that very second.",
    "schema": {"type": "string"},
}
LINK = {
    "description": "The pages before and after, other formats, and what describes this, by relation (RFC 8288).",
    "schema": {"type": "string"},
}
RATE_LIMIT = {
    "description": "Where a limit is set: how many requests are left (r) for so many seconds (t).",
    "schema": {"type": "string"},
}
RETRY_AFTER = {"description": "After how many seconds to try again.", "schema": {"type": "integer"}}


ALWAYS = {"X-Request-ID": "RequestID", "RateLimit": "RateLimit"}
CACHED = ALWAYS | {"ETag": "ETag", "Last-Modified": "LastModified", "Link": "Link"}


def _header(name: str) -> dict:
    return {"$ref": f"#/components/headers/{name}"}


def _problem(status: int) -> dict:
    headers = {"X-Request-ID": _header("RequestID")} | (
        {"Retry-After": _header("RetryAfter")} if status in (429, 503) else {}
    )
    content = {"application/problem+json": {"schema": shapes.ref("Problem")}}
    return {
        "description": DETAILS.get(status, "This address doesn't answer in that format."),
        "headers": headers,
        "content": content,
    }


COMPONENTS = {
    "schemas": shapes.SCHEMAS,
    "headers": {
        "RequestID": REQUEST_ID,
        "RetryAfter": RETRY_AFTER,
        "ETag": ETAG,
        "LastModified": LAST_MODIFIED,
        "Link": LINK,
        "RateLimit": RATE_LIMIT,
    },
    "responses": {f"Problem{status}": _problem(status) for status in sorted({*EVERYWHERE, 404, 410})}
    | {
        "NotModified": {"description": "The copy that the client has is current.", "headers": {"ETag": _header("ETag")}}
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
        in_path = [{"name": name, "in": "path", "required": True} | IN_PATH[name] for name in variables]
        in_query = [each.documented(name) for name, each in view.get_filterset_class().base_filters.items()]
        single = action in ("retrieve", "bundle", "parallels", "facets", "thread", "scorecard")
        missing = (404, 410) if single else (404,)  # a history tells a retraction, and goes on answering
        missing = missing if variables else ()
        words = path.removeprefix("/api/v1").replace("{ref}.", "").split("/")
        words = [word for word in words if word and not word.startswith("{")]
        return {
            "operationId": "_".join(["get" if single else "list", *(words or ["index"])]),
            "summary": f"One of them: {about}" if path.endswith("}/") and action == "retrieve" else about,
            "tags": [word.partition(".")[0] for word in words[:1]] or ["index"],
            "parameters": [*in_path, *in_query],
            "responses": self.responses(answer, missing, cached=path.startswith(("/api/v1/", "/feeds/"))),
        }

    def responses(self, answer: str, missing: tuple[int, ...], cached: bool) -> dict:
        """By status: the component that is answered, and every problem there can be."""
        action = getattr(self.view, "action", None)
        good = {
            "description": shapes.SCHEMAS[answer]["description"],
            "headers": {name: _header(component) for name, component in (CACHED if cached else ALWAYS).items()},
            "content": {
                each.media_type: {"schema": shapes.whole_or_sparse(getattr(each, "answers", {}).get(action, answer))}
                for each in self.view.get_renderers()
            },
        }
        names = {200: None, 304: "NotModified"} if cached else {200: None}
        names |= {status: f"Problem{status}" for status in sorted({*EVERYWHERE, *missing})}
        return {
            str(status): {"$ref": f"#/components/responses/{name}"} if name else good for status, name in names.items()
        }


@functools.cache
def document() -> dict:
    """The whole document; it is the same for every request."""
    return SchemaGenerator().get_schema(public=True)
