"""What every route does: strict parameters, the formats it names, answers that can be cached, problems for refusals."""

import functools
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, islice

import orjson
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import get_script_prefix, reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import http_date, urlencode
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from . import parameters, renderers, versions
from .errors import NotMatched, NotModified, problem
from .negotiation import Negotiation
from .schema import Schema

PAGE_SIZE = 50
# Beside every answer, by relation (RFC 8288, RFC 8631): what its codes mean, its licence, what describes this service.
BESIDE = {
    "describedby": "vocabularies-list",
    "license": "data-licence",
    "service-desc": "schema",
    "service-doc": "docs",
}
CONDITIONS = {f"HTTP_IF_{name}" for name in ("MATCH", "NONE_MATCH", "MODIFIED_SINCE", "UNMODIFIED_SINCE")}
LONGEST_LINKS = 4000  # bytes: with longer headers, many proxies refuse the whole answer; `next` stands in the body, too


REF = "--"  # no record has this reference


@functools.lru_cache(1000)
def path_to(route: str, prefix: str, about_one: bool) -> str:
    """The path of a route below a prefix; of one that is about one record, with REF in the place of its reference."""
    return reverse(route, kwargs={"ref": REF} if about_one else None)


class View(APIView):
    """What every route does: strict parameters, the formats it names, validators, problems for refusals."""

    renderer_classes = [renderers.JSON]
    content_negotiation_class = Negotiation
    filterset_class = parameters.Parameters
    answers: dict[str, str] = {}  # action → component; an empty one stays out of the OpenAPI document
    schema = Schema()
    version_read: versions.Version | None = None
    reads_version = False  # whether the handler reads it with its rows, where the request sets no conditions
    etag = ""

    def get_filterset_class(self) -> type[parameters.Parameters]:
        """The parameters of this route."""
        return self.filterset_class

    def version(self) -> versions.Version | None:
        """What, besides this build, an answer depends on; None: on the moment."""
        return versions.fixed()

    def initial(self, request: Request, *args, **kwargs) -> None:
        if request.method not in self.allowed_methods:
            raise exceptions.MethodNotAllowed(request.method)
        if request.method == "OPTIONS" and hasattr(self, "action_map"):
            self.action = self.action_map["get"]  # what is told is how to ask for that
        super().initial(request, *args, **kwargs)
        has_body = request.META.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in request.META
        if has_body and request.content_type.partition(";")[0].strip() != "application/json":
            raise exceptions.UnsupportedMediaType(request.content_type)
        self.filterset = parameters.read(self.get_filterset_class(), request.META.get("QUERY_STRING", ""))
        self.asked = dict(self.filterset.form.cleaned_data)  # its own: others read the same filterset
        if request.method != "OPTIONS" and not (self.reads_version and CONDITIONS.isdisjoint(request.META)):
            self.settle(self.version())
            self.spare(request)

    def settle(self, version: versions.Version | None) -> None:
        """What the answer depends on is this."""
        self.version_read = version
        self.etag = versions.etag(self.request, self.request.accepted_media_type, version) if version else ""

    def spare(self, request: Request) -> None:
        """Raises NotModified or NotMatched, before anything is looked up, where the request's conditions say so.

        Where it isn't known yet whether there is anything at the address, only a tag that was given for it counts.
        """
        if self.etag and (not self.kwargs or self.etag in request.META.get("HTTP_IF_NONE_MATCH", "")):
            found = get_conditional_response(request, self.etag, versions.last_modified(self.version_read))
            if found and found.status_code == 304:
                raise NotModified
            if found and not self.kwargs:
                raise NotMatched

    def finalize_response(self, request: Request, response: HttpResponse, *args, **kwargs) -> HttpResponse:
        response = super().finalize_response(request, response, *args, **kwargs)
        if response.status_code not in (200, 304):
            return response
        if not self.etag:
            response["Cache-Control"] = "no-store"
            return response
        # Any cache may keep it; a browser asks each time, a shared cache once a minute.
        response["Cache-Control"] = f"public, max-age=0, s-maxage={versions.lasting()}"
        weak = f"W/{self.etag}"  # of a copy that came compressed
        named = request.META.get("HTTP_IF_NONE_MATCH", "")
        response["ETag"] = weak if response.status_code == 304 and weak in named else self.etag
        if since := versions.last_modified(self.version_read):
            response["Last-Modified"] = http_date(since)
        if getattr(request.accepted_renderer, "compressible", True):
            patch_vary_headers(response, ["Accept-Encoding"])
        if response.status_code == 200:
            response["Link"] = self.links(getattr(response, "data", None))
        found = get_conditional_response(request, self.etag, since, response)
        if found is not response and response.streaming:
            response.close()
        return problem(request, 412) if found.status_code == 412 else found

    def options(self, request: Request, *args, **kwargs) -> HttpResponse:
        """What may be asked for here: methods, formats, parameters."""
        told = {
            "methods": self.allowed_methods,
            "formats": [each.media_type for each in self.get_renderers()],
            "parameters": sorted(self.get_filterset_class().base_filters),
        }
        return HttpResponse(orjson.dumps(told), content_type="application/json")

    @functools.cached_property
    def origin(self) -> str:
        """Scheme and host by which this site was asked."""
        return f"{self.request.scheme}://{self.request.get_host()}"

    def at(self, route: str, ref: str = "") -> str:
        """The whole address of a route, or of a record's."""
        return self.origin + path_to(route, get_script_prefix(), bool(ref)).replace(REF, ref)

    def alternates(self) -> Iterable[tuple[str, str]]:
        """(Address, media type) of the same in other formats."""
        return ()

    def links(self, data) -> str:
        """The header Link, as far as there is room: the pages before and after, other formats, what describes this."""
        pages = getattr(data, "links", None) or ({"next": data.get("next")} if isinstance(data, dict) else {})
        found = [f'<{address}>; rel="{relation}"' for relation, address in pages.items() if address]
        found += [f'<{self.at(route)}>; rel="{relation}"' for relation, route in BESIDE.items()]
        found += [f'<{address}>; rel="alternate"; type="{form}"' for address, form in self.alternates()]
        lengths = accumulate(len(each) + 2 for each in found)
        return ", ".join(each for each, length in zip(found, lengths, strict=True) if length <= LONGEST_LINKS)

    def address(self, **other) -> str:
        """The address that was asked for, with other values of these parameters."""
        asked = dict(self.filterset.data.items()) | other
        return f"{self.origin}{self.request.path}?{urlencode(asked).replace('%2C', ',')}"

    def onward(
        self, rows: QuerySet, render: Callable[[Sequence], Iterable[str]], parameter: str, column: str
    ) -> Response:
        """One page of a list that is only read on: the next begins at `parameter`, which the last row's `column` gives.

        `render` is given one row more than the page has, where there is one.
        """
        size = self.asked["page_size"] or PAGE_SIZE
        found = list(rows[: size + 1])
        shown = renderers.fitting(islice(render(found), size))
        more = len(shown) < len(found)
        following = self.address(**{parameter: getattr(found[len(shown) - 1], column)}) if more else None
        return Response(renderers.page(shown, rows.count(), following, None))

    def numbered(self, head: dict, entries: Sequence[dict]) -> Response:
        """One page of entries that are numbered from 1, after the parameter `after`, below the members of `head`."""
        size, start = self.asked["page_size"] or PAGE_SIZE, self.asked["after"] or 0
        left = entries[start:]
        shown = renderers.fitting(orjson.dumps(each).decode() for each in left[:size])
        following = self.address(after=start + len(shown)) if len(shown) < len(left) else None
        links = {"count": len(left), "next": following, "previous": None}
        return Response(head | links | {"results": [orjson.Fragment(each) for each in shown]})
