"""The routes beside the resources: the front page, the licence, the OpenAPI document and its page, health."""

import json
import pathlib

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Window
from django.db.models.functions import RowNumber
from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular import renderers as openapi
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.renderers import TemplateHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from ..ledger import GENESIS, Entry, chain_hash, leaf_hash
from . import filters, renderers, versions
from .errors import problem
from .schema import document
from .views import View, standings

LICENCE = pathlib.Path(__file__).parents[2] / "LICENSE"


class Home(View):
    """What this is, with three commitments: a page, or JSON."""

    renderer_classes = [TemplateHTMLRenderer, renderers.JSON]
    template_name = "commitments/home.html"
    LINKS = {
        "commitments": "commitments-list",
        "docs": "docs",
        "schema": "schema",
        "licence": "licence",
        "admin": "admin:index",
    }

    def version(self) -> str:
        return versions.data()

    def get(self, request: Request) -> Response:
        links = {name: request.build_absolute_uri(reverse(route)) for name, route in self.LINKS.items()}
        turn = Window(RowNumber(), partition_by="status", order_by="publication__record")  # one of each status first
        rows = standings(None, versions.today()).annotate(turn=turn).order_by("turn", "status")
        found = rows.values_list("publication__record", "status", "publication__body", "body")[:3]
        return Response({"commitments": [self.commitment(links["commitments"], *row) for row in found], "links": links})

    def commitment(self, base: str, ref: str, status: str, body: str, standing: str) -> dict:
        labels = renderers.labels("en", status=status)
        return json.loads(renderers.item(base, ref, renderers.undated(body), standing, labels))


class Licence(View):
    """The licence of the code."""

    renderer_classes = [renderers.Text]

    def get(self, request: Request) -> Response:
        return Response(LICENCE.read_text(encoding="utf-8"))


class OpenAPI(View):
    """This document, as YAML or JSON."""

    renderer_classes = [
        openapi.OpenApiYamlRenderer,
        openapi.OpenApiYamlRenderer2,
        openapi.OpenApiJsonRenderer,
        openapi.OpenApiJsonRenderer2,
    ]

    def get(self, request: Request) -> Response:
        return Response(document())


class Docs(View, SpectacularSwaggerSplitView):
    """The OpenAPI document to read and to try out."""

    renderer_classes = [TemplateHTMLRenderer]
    filterset_class = filters.Page


class Live(View):
    """Whether the process answers."""

    answers = {"retrieve": "Live"}

    def version(self) -> None:
        return None

    def get(self, request: Request) -> Response:
        return Response({"status": "ok"})


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
        if (leaf, chain) != (leaf_hash(content), chain_hash(chains[0], leaf)):
            return "the last entry isn't the one that was hashed"
    return "ok"


class Ready(Live):
    """Whether the service can serve: database, migrations, the ledger's head."""

    answers = {"retrieve": "Ready"}
    CHECKS = {"database": _database, "migrations": _migrations, "ledger": _ledger}

    def get(self, request: Request) -> HttpResponse:
        found = {}
        for name, check in self.CHECKS.items():
            try:
                found[name] = check()
            except Error:
                found[name] = "the database doesn't answer"
        if set(found.values()) == {"ok"}:
            return Response({"status": "ok", "checks": found})
        return problem(request, 503, "The service can't serve just now; see `checks`.", checks=found)
