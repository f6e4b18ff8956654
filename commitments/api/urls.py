"""Addresses of the public side."""

import functools

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from . import feed, pages, releases, renderers, views

router = SimpleRouter()
for name, resource in views.RESOURCES.items():
    router.register(name, resource, basename=name)

commitments = functools.partial(views.Commitments.as_view, basename="commitments")

urlpatterns = [
    path("", pages.Home.as_view(), name="home"),
    path("api/v1/", views.Index.as_view(), name="index"),
    path("api/v1/", include(router.urls)),
    re_path(
        "^api/v1/releases/(?P<ref>[a-z0-9.-]+)/bundle\\.zip$",
        releases.Releases.as_view({"get": "bundle"}),
        name="releases-bundle",
    ),
    path(
        "api/v1/commitments.csv",
        commitments({"get": "list"}, renderer_classes=[renderers.CSV]),
        name="commitments-csv",
    ),
    path(
        "api/v1/commitments.jsonl",
        commitments({"get": "list"}, renderer_classes=[renderers.JSONLines, renderers.NDJSON]),
        name="commitments-jsonl",
    ),
    re_path(
        "^api/v1/commitments/(?P<ref>[a-z0-9.-]+)\\.jsonld$",
        commitments({"get": "retrieve"}, renderer_classes=[renderers.LinkedData]),
        name="commitments-jsonld",
    ),
    path("feeds/commitments.atom", feed.Feed.as_view({"get": "list"}, basename="commitments"), name="feed-list"),
    path("api/schema/", pages.OpenAPI.as_view(), name="schema"),
    path("api/docs/", pages.Docs.as_view(), name="docs"),
    path("licence/", pages.Licence.as_view(), name="licence"),
    path("licence/data/", pages.DataLicence.as_view(), name="data-licence"),
    path("livez", pages.Live.as_view(), name="livez"),
    path("readyz", pages.Ready.as_view(), name="readyz"),
]
