"""The app, and the admin site that it brings."""

from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig
from django.utils.translation import gettext_lazy as _


class CommitmentsConfig(AppConfig):
    name = "commitments"
    verbose_name = _("Desk")
    default_auto_field = "django.db.models.BigAutoField"


class DeskConfig(SimpleAdminConfig):
    default_site = "commitments.admin.site.Desk"

    def ready(self) -> None:
        """Registers our own pages once the site is there, and no other app's: theirs show keys, names and addresses."""
        super().ready()
        import_module("commitments.admin.names").give()
        for pages in ("people", "records", "shelf"):
            import_module(f"commitments.admin.{pages}")
