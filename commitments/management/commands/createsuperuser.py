"""Django's createsuperuser, as an act: without who and why, the database would refuse it."""

from django.contrib.auth.management.commands import createsuperuser

from commitments.ledger import session_act
from commitments.management.told import told


class Command(createsuperuser.Command):
    def handle(self, *args, **options):
        by = told("createsuperuser", options["username"] or "")
        with session_act(
            actor=by["by"], reason=by["reason"].strip(), using=options["database"]
        ):  # no transaction while it asks
            return super().handle(*args, **options)
