"""Migrates as the owner, in an act of its own, and grants the serving role what it may do."""

from django.conf import settings
from django.core.management.commands import migrate

from commitments import ledger


class Command(migrate.Command):
    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args, **options):
        using = options["database"]
        with ledger.session_act(
            actor="migrate", reason=options.get("app_label") or "bring the schema up to date", using=using
        ):
            super().handle(*args, **options)
        if not (options["plan"] or options["check_unapplied"]):
            ledger.grant(settings.DATABASES["default"]["USER"], using=using)
