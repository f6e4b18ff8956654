"""Addresses of the public side."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from . import pages, releases, views

router = SimpleRouter()
for name, resource in views.RESOURCES.items():
    router.register(name, resource, basename=name)

urlpatterns = [
    path("", pages.Home.as_view(), name="home"),
    path("api/v1/", views.Index.as_view(), name="index"),
    path("api/v1/", include(router.urls)),
    re_path(
        "^api/v1/releases/(?P<ref>[a-z0-9.-]+)/bundle\\.zip$",
        releases.Releases.as_view({"get": "bundle"}),
        name="releases-bundle",
    ),
    path("api/schema/", pages.OpenAPI.as_view(), name="schema"),
    path("api/docs/", pages.Docs.as_view(), name="docs"),
    path("licence/", pages.Licence.as_view(), name="licence"),
    path("licence/data/", pages.DataLicence.as_view(), name="data-licence"),
    path("livez", pages.Live.as_view(), name="livez"),
    path("readyz", pages.Ready.as_view(), name="readyz"),
]
