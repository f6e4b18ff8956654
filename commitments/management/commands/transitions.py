"""Prints who may move what from where to where, as the docs show it."""

from django.core.management.base import BaseCommand

from commitments import transitions


class Command(BaseCommand):
    help = "Prints the table of transitions, the rights and the groups as Markdown."
    requires_system_checks = ()

    def handle(self, **options):
        self.stdout.write(transitions.markdown(), ending="")
