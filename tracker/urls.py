"""Addresses: the public site and its API at the root, the curators' admin beside them."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("commitments.api.urls")),
]

handler400 = "commitments.api.errors.bad_request"
handler404 = "commitments.api.errors.not_found"
handler500 = "commitments.api.errors.server_error"
