"""What every route does: strict parameters, the formats it names, answers that can be cached, problems for refusals."""

import functools
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, islice
from typing import NoReturn

import orjson
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix, reverse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, urlencode
from rest_framework import exceptions
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from tracker.requests import FAILED

from . import again, negotiation, parameters, renderers, versions
from .errors import NotMatched, NotModified, has_given_up, problem
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


@functools.lru_cache(100)
def beside(site: str, prefix: str) -> tuple[str, ...]:
    """The links that stand beside every answer of a site below a prefix."""
    return tuple(f'<{site}{path_to(route, prefix, False)}>; rel="{relation}"' for relation, route in BESIDE.items())


@functools.cache
def methods(view: type[APIView], bound: frozenset[str]) -> tuple[str, ...]:
    """The methods that a route has, or those of a set of routes that are bound."""
    return tuple(each.upper() for each in view.http_method_names if each in bound or hasattr(view, each))


@functools.cache
def forms(classes: tuple[type[BaseRenderer], ...]) -> tuple[BaseRenderer, ...]:
    """One of each of these formats, for all requests."""
    return tuple(each() for each in classes)


class View(APIView):
    """What every route does: strict parameters, the formats it names, validators, problems for refusals.

    The framework's own way through a request is made for services that log in, parse and choose; here the request stays
    Django's, and gets what was negotiated: `accepted_renderer`, `accepted_media_type`.
    """

    renderer_classes = [renderers.JSON]
    filterset_class = parameters.Parameters
    answers: dict[str, str] = {}  # action → component; an empty one stays out of the OpenAPI document
    schema = Schema()
    version_read: versions.Version | None = None
    reads_version = False  # whether the handler reads it with its rows, where the request sets no conditions
    etag = ""
    texts: again.Texts | None = None  # how the body can be read again

    def get_filterset_class(self) -> type[parameters.Parameters]:
        """The parameters of this route."""
        return self.filterset_class

    def version(self) -> versions.Version | None:
        """What, besides this build, an answer depends on; None: on the moment."""
        return versions.fixed()

    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        self.request, self.args, self.kwargs = request, args, kwargs
        method = request.method.lower()
        if hasattr(self, "action_map"):  # of OPTIONS, what is told is how to ask for that
            self.action = self.action_map.get("get" if method == "options" else method)
        try:
            self.initial(request, *args, **kwargs)
            response = getattr(self, method)(request, *args, **kwargs)
        except Exception as error:
            response = self.handle_exception(error)
        return self.finalize_response(request, response)

    def raise_uncaught_exception(self, exc: Exception) -> NoReturn:
        raise exc

    def initial(self, request: HttpRequest, *args, **kwargs) -> None:
        if request.method not in self.allowed_methods:
            raise exceptions.MethodNotAllowed(request.method)
        request.accepted_renderer, request.accepted_media_type = negotiation.chosen(request, self.get_renderers())
        has_body = request.META.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in request.META
        if has_body and request.content_type != "application/json":
            raise exceptions.UnsupportedMediaType(request.content_type)
        self.filterset = parameters.read(self.get_filterset_class(), request.META.get("QUERY_STRING", ""))
        self.asked = dict(self.filterset.form.cleaned_data)  # its own: others read the same filterset
        _begun, error = request.META.get(FAILED, (None, None))
        if error and has_given_up(error):
            raise error
        if request.method != "OPTIONS" and not (self.reads_version and CONDITIONS.isdisjoint(request.META)):
            self.settle(self.version())
            self.spare(request)

    def answer(self, data, content_type: str | None = None) -> HttpResponse:
        """Data in the format that was negotiated."""
        form = self.request.accepted_renderer
        charset = f"; charset={form.charset}" if form.charset else ""
        response = HttpResponse(form.render(data), content_type=content_type or f"{form.media_type}{charset}")
        response.data = data
        return response

    def get_renderers(self) -> Sequence[BaseRenderer]:
        """The formats of this route, its own choice first."""
        return forms(tuple(self.renderer_classes))

    def settle(self, version: versions.Version | None) -> None:
        """What the answer depends on is this."""
        self.version_read = version
        asked = self.request.accepted_media_type, self.origin, self.request.get_full_path()
        self.etag = versions.etag(version, *asked) if version else ""

    def spare(self, request: HttpRequest) -> None:
        """Raises NotModified or NotMatched, before anything is looked up, where the request's conditions say so.

        Where it isn't known yet whether there is anything at the address, only a tag that was given for it counts.
        """
        given, named = CONDITIONS & request.META.keys(), request.META.get("HTTP_IF_NONE_MATCH", "")
        if not (self.etag and given):
            return
        if given == {"HTTP_IF_NONE_MATCH"} and named.removeprefix("W/") == self.etag:  # as nearly all ask
            raise NotModified
        if not self.kwargs or self.etag in named:
            found = get_conditional_response(request, self.etag, versions.last_modified(self.version_read))
            if found and found.status_code == 304:
                raise NotModified
            if found and not self.kwargs:
                raise NotMatched

    def finalize_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        form = getattr(request, "accepted_renderer", None)
        if isinstance(response, Response):  # a page, which is made of a template later
            response.accepted_renderer, response.accepted_media_type = form, request.accepted_media_type
            response.renderer_context = self.get_renderer_context()
        response.headers.setdefault("Allow", ", ".join(self.allowed_methods))
        varying = ["Accept"] if len(self.get_renderers()) > 1 else []
        if response.status_code in (200, 304) and self.etag:
            response = self.validated(request, response)
            varying += ["Accept-Encoding"] if getattr(form, "compressible", True) else []
        elif response.status_code == 200:
            response["Cache-Control"] = "no-store"
        if varying:
            response["Vary"] = ", ".join(varying)
        return response

    def validated(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """The answer with its validators, or the shorter one that the request's conditions ask for."""
        # Any cache may keep it; a browser asks each time, a shared cache once a minute.
        response["Cache-Control"] = f"public, max-age=0, s-maxage={versions.lasting()}"
        weak = f"W/{self.etag}"  # of a copy that came compressed
        named = request.META.get("HTTP_IF_NONE_MATCH", "")
        response["ETag"] = weak if response.status_code == 304 and weak in named else self.etag
        if since := versions.last_modified(self.version_read):
            response["Last-Modified"] = http_date(since)
        if self.version_read.day:
            said = self.etag, self.version_read.last, self.version_read.day, self.texts
            request.META[again.ANSWERED] = again.Answered(request.path, *said)
        if response.status_code == 304:
            return response
        response["Link"] = self.links(getattr(response, "data", None))
        if CONDITIONS.isdisjoint(request.META):
            return response
        found = get_conditional_response(request, self.etag, since, response)
        if found is not response and response.streaming:
            response.close()
        return problem(request, 412) if found.status_code == 412 else found

    def options(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        """What may be asked for here: methods, formats, parameters."""
        told = {
            "methods": self.allowed_methods,
            "formats": [each.media_type for each in self.get_renderers()],
            "parameters": sorted(self.get_filterset_class().base_filters),
        }
        return HttpResponse(orjson.dumps(told), content_type="application/json")

    @property
    def allowed_methods(self) -> Sequence[str]:
        return methods(type(self), frozenset(getattr(self, "action_map", ["head"])))

    @functools.cached_property
    def origin(self) -> str:
        """Scheme and host by which this site was asked."""
        return f"{self.request.scheme}://{self.request.get_host()}"

    @functools.cached_property
    def prefix(self) -> str:
        """The path below which this site is."""
        return get_script_prefix()

    def at(self, route: str, ref: str = "") -> str:
        """The whole address of a route, or of a record's."""
        return self.origin + path_to(route, self.prefix, bool(ref)).replace(REF, ref)

    def alternates(self) -> Iterable[tuple[str, str]]:
        """(Address, media type) of the same in other formats."""
        return ()

    def links(self, data) -> str:
        """The header Link, as far as there is room: the pages before and after, other formats, what describes this."""
        pages = getattr(data, "links", None) or ({"next": data.get("next")} if isinstance(data, dict) else {})
        found = [f'<{address}>; rel="{relation}"' for relation, address in pages.items() if address]
        found += beside(self.origin, self.prefix)
        found += [f'<{address}>; rel="alternate"; type="{form}"' for address, form in self.alternates()]
        lengths = accumulate(len(each) + 2 for each in found)
        return ", ".join(each for each, length in zip(found, lengths, strict=True) if length <= LONGEST_LINKS)

    def address(self, **other) -> str:
        """The address that was asked for, with other values of these parameters."""
        asked = dict(self.filterset.data.items()) | other
        return f"{self.origin}{self.request.path}?{urlencode(asked).replace('%2C', ',')}"

    def onward(
        self, rows: QuerySet, render: Callable[[Sequence], Iterable[bytes]], parameter: str, column: str
    ) -> HttpResponse:
        """One page of a list that is only read on: the next begins at `parameter`, which the last row's `column` gives.

        `render` is given one row more than the page has, where there is one.
        """
        size = self.asked["page_size"] or PAGE_SIZE
        found = list(rows[: size + 1])
        shown = renderers.fitting(islice(render(found), size))
        more = len(shown) < len(found)
        following = self.address(**{parameter: getattr(found[len(shown) - 1], column)}) if more else None
        return self.answer(renderers.page(shown, rows.count(), following, None))

    def numbered(self, head: dict, entries: Sequence[dict]) -> HttpResponse:
        """One page of entries that are numbered from 1, after the parameter `after`, below the members of `head`."""
        size, start = self.asked["page_size"] or PAGE_SIZE, self.asked["after"] or 0
        left = entries[start:]
        shown = renderers.fitting(orjson.dumps(each) for each in left[:size])
        following = self.address(after=start + len(shown)) if len(shown) < len(left) else None
        links = {"count": len(left), "next": following, "previous": None}
        return self.answer(head | links | {"results": [orjson.Fragment(each) for each in shown]})
