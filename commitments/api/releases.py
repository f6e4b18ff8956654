"""Releases: the public bundles, with what pins them, to download."""

from collections.abc import Iterable, Sequence

import orjson
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from rest_framework.renderers import BaseRenderer
from rest_framework.viewsets import ViewSetMixin

from .. import releases
from ..checkpoints import Checkpoint, Release, origin_of
from ..findings import Faulty
from ..ledger import Entry
from . import filters, parameters, renderers, versions
from .base import View, forms
from .errors import problem


class Zip(BaseRenderer):
    """An archive; it is on the disk already."""

    media_type, format, charset, render_style = "application/zip", "zip", None, "binary"
    compressible = False  # it is already

    def render(self, data, accepted_media_type=None, renderer_context=None) -> bytes:
        return data


class Releases(ViewSetMixin, View):
    """Releases: signed public bundles, each with every public version and the whole chain, to take home and check."""

    answers = {"list": "ReleaseList", "retrieve": "Release", "bundle": "Bundle"}
    lookup_field, lookup_value_regex = "ref", "[a-z0-9.-]+"

    def get_filterset_class(self) -> type[parameters.Parameters]:
        return filters.Releases if self.action == "list" else parameters.Parameters

    def get_renderers(self) -> Sequence[BaseRenderer]:
        return forms((Zip,)) if self.action == "bundle" else super().get_renderers()

    def version(self) -> versions.Version:
        return versions.ledger()

    def list(self, request: HttpRequest) -> HttpResponse:
        rows = self.filterset.filter_queryset(Release.objects.order_by("-size"))
        return self.onward(rows, self.items, "before", "size")

    def retrieve(self, request: HttpRequest, ref: str) -> HttpResponse:
        return self.answer(next(iter(self.items([self.release(ref)]))))

    def bundle(self, request: HttpRequest, ref: str) -> HttpResponse:
        """A release's bundle as a zip archive; the same bundle, byte by byte, each time."""
        release = self.release(ref)
        try:
            archive = releases.archive(release)
        except Faulty as faulty:
            if any(found.code == "WITHHELD_LATER" for found in faulty.findings):
                return problem(request, 410, "Text of this release had to go since; take a later release.")
            raise
        return FileResponse(
            archive.open("rb"), content_type="application/zip", filename=archive.name, as_attachment=True
        )

    def release(self, ref: str) -> Release:
        """The release; Http404 if there is none of that name."""
        found = Release.objects.filter(pk=ref).first()
        if found is None:
            raise Http404
        return found

    def items(self, found: Sequence[Release]) -> Iterable[bytes]:
        """The component Release of each."""
        base = self.at("releases-list")
        origin = origin_of()
        entries = {
            entry.reference: entry
            for entry in Entry.objects.filter(table=Release._meta.db_table, reference__in=[each.ref for each in found])
        }
        notes = dict(Checkpoint.objects.filter(size__in=[each.size for each in found]).values_list("size", "note"))
        for each in found:
            entry = entries[each.ref]
            about = {
                "size": each.size,
                "head": each.head,
                "origin": origin,
                "checkpoint": notes.get(each.size, ""),
                "digest": each.digest,
                "note": each.note,
                "at": renderers.instant(entry.at),
                "actor": entry.actor,
                "reason": entry.reason,
                "bundle": self.at("releases-bundle", each.ref),
            }
            yield renderers.item(base, each.ref, orjson.dumps(about))
