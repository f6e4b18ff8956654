"""The routes beside the resources: the front page, the licences, the OpenAPI document and its page, health."""

import functools
import json
import pathlib

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponse
from drf_spectacular import renderers as openapi
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.renderers import BaseRenderer, TemplateHTMLRenderer
from rest_framework.response import Response

from ..ledger import GENESIS, Entry, chain_hash, leaf_hash
from ..models import Publication
from . import filters, renderers, versions
from .base import View
from .errors import problem
from .schema import document
from .views import standings

PROJECT = pathlib.Path(__file__).parents[2]


class Home(View):
    """What this is, with three commitments: a page, or JSON."""

    renderer_classes = [TemplateHTMLRenderer, renderers.JSON]
    template_name = "commitments/home.html"
    LINKS = {
        "commitments": "commitments-list",
        "docs": "docs",
        "schema": "schema",
        "licence": "licence",
        "data_licence": "data-licence",
        "admin": "admin:index",
    }

    def version(self) -> versions.Version:
        return versions.data()

    def get(self, request: HttpRequest) -> Response:
        links = {name: self.at(route) for name, route in self.LINKS.items()}
        shown = [self.commitment(links["commitments"], *row) for row in self.chosen()]
        self.name_documents([quote["document"] for each in shown for quote in each["quotes"]])
        return Response({"commitments": shown, "links": links})

    @staticmethod
    def chosen() -> QuerySet:
        """Three rows: one of each status first, and of those the ones with a deadline."""
        rows = standings(None, versions.today()).annotate(dateless=Q(schedule__in=("no_deadline", "closed")))
        turn = Window(RowNumber(), partition_by="status", order_by=["dateless", "index__publication__record"])
        rows = rows.annotate(turn=turn).order_by("turn", "dateless", "status")
        return rows.values_list("index__publication__record", "status", "index__publication__body", "body")[:3]

    def commitment(self, base: str, ref: str, status: str, body: str, standing: str) -> dict:
        labels = renderers.labels("en", status=status)
        return json.loads(renderers.item(base, ref, renderers.of_day(body, standing), labels))

    @staticmethod
    def name_documents(documents: list[dict]) -> None:
        """Gives those without a publisher their `headline`, `language` and `dir`."""
        unnamed = [each for each in documents if not each["publisher"]]
        public = Publication.objects.of("document").known_at(None).standing()
        found = public.filter(record__in={each["ref"] for each in unnamed}).values_list("record", "body")
        bodies = {ref: json.loads(body) for ref, body in found}
        for each in unnamed:
            each |= {name: bodies[each["ref"]][name] for name in ("headline", "language", "dir")}


class Licence(View):
    """The licence of the code."""

    renderer_classes = [renderers.Text]
    path = PROJECT / "LICENSE"

    def version(self) -> versions.Version:
        return versions.fixed(self.path.read_text(encoding="utf-8"))

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.answer(self.version_read.what)


class DataLicence(Licence):
    """The licence of the data."""

    path = PROJECT / "LICENSE-DATA.md"


@functools.cache
def written(form: type[BaseRenderer]) -> bytes:
    """The OpenAPI document in a format: long to write, and the same for every request."""
    return form().render(document(), form.media_type, {})


class OpenAPI(View):
    """This document, as YAML or JSON."""

    renderer_classes = [
        openapi.OpenApiYamlRenderer,
        openapi.OpenApiYamlRenderer2,
        openapi.OpenApiJsonRenderer,
        openapi.OpenApiJsonRenderer2,
    ]

    def get(self, request: HttpRequest) -> HttpResponse:
        form = type(request.accepted_renderer)
        charset = f"; charset={form.charset}" if form.charset else ""
        return HttpResponse(written(form), content_type=f"{form.media_type}{charset}")


class Docs(View, SpectacularSwaggerSplitView):
    """The OpenAPI document to read and to try out."""

    renderer_classes = [TemplateHTMLRenderer]
    filterset_class = filters.Page


class Live(View):
    """Whether the process answers."""

    answers = {"retrieve": "Live"}

    def version(self) -> None:
        return None

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.answer({"status": "ok"})


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return "; ".join(f"{migration.app_label}.{migration.name} isn't applied" for migration, _back in missing) or "ok"


def _ledger() -> str:
    entries = list(Entry.objects.order_by("-seq").values_list("canonical", "leaf", "chain")[:2])
    chains = [chain for _content, _leaf, chain in entries[1:]] or [GENESIS]
    for content, leaf, chain in entries[:1]:
        if chain != chain_hash(chains[0], leaf) or (content is not None and leaf != leaf_hash(content)):
            return "the last entry isn't the one that was hashed"
    return "ok"


class Ready(Live):
    """Whether the service can serve: database, migrations, the ledger's head."""

    answers = {"retrieve": "Ready"}
    CHECKS = {"database": _database, "migrations": _migrations, "ledger": _ledger}

    def get(self, request: HttpRequest) -> HttpResponse:
        found = {}
        for name, check in self.CHECKS.items():
            try:
                found[name] = check()
            except Error:
                found[name] = "the database doesn't answer"
        if set(found.values()) == {"ok"}:
            return self.answer({"status": "ok", "checks": found})
        return problem(request, 503, "The service can't serve just now; see `checks`.", checks=found)
