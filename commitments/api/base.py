"""What every route does: strict parameters, the formats it names, answers that can be cached, problems for refusals."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice

import orjson
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.http import urlencode
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from . import parameters, renderers, versions
from .errors import NotModified
from .schema import Schema

PAGE_SIZE = 50


class View(APIView):
    """What every route does: strict parameters, the formats it names, problems for refusals."""

    renderer_classes = [renderers.JSON]
    filterset_class = parameters.Parameters
    answers: dict[str, str] = {}  # action → component; an empty one stays out of the OpenAPI document
    schema = Schema()
    etag: str | None = None

    def get_filterset_class(self) -> type[parameters.Parameters]:
        """The parameters of this route."""
        return self.filterset_class

    def version(self) -> str | None:
        """What, besides this build, an answer depends on; None: on the moment."""
        return ""

    def initial(self, request: Request, *args, **kwargs) -> None:
        if request.method not in self.allowed_methods:
            raise exceptions.MethodNotAllowed(request.method)
        super().initial(request, *args, **kwargs)
        has_body = request.META.get("CONTENT_LENGTH") not in (None, "", "0")
        if has_body and request.content_type.partition(";")[0].strip() != "application/json":
            raise exceptions.UnsupportedMediaType(request.content_type)
        self.filterset = parameters.read(self.get_filterset_class(), request.META.get("QUERY_STRING", ""))
        self.asked = self.filterset.form.cleaned_data
        version = self.version()
        if version is not None and request.method in ("GET", "HEAD"):
            self.etag = versions.etag(request, request.accepted_media_type, version)
            if versions.is_current(request, self.etag):
                raise NotModified

    def finalize_response(self, request: Request, response: HttpResponse, *args, **kwargs) -> HttpResponse:
        response = super().finalize_response(request, response, *args, **kwargs)
        if response.status_code in (200, 304):
            response["Cache-Control"] = "public, no-cache" if self.etag else "no-store"  # kept, but asked for each time
            if self.etag:
                response["ETag"] = self.etag
        return response

    def options(self, request: Request, *args, **kwargs) -> HttpResponse:
        return HttpResponse(status=204)

    def address(self, **other) -> str:
        """The address that was asked for, with other values of these parameters."""
        asked = dict(self.filterset.data.items()) | other
        return f"{self.request.build_absolute_uri(self.request.path)}?{urlencode(asked).replace('%2C', ',')}"

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
