"""Django's loaddata, inside an act: what it loads is recorded as new entries, with an actor and a reason."""

import functools

from django.core.management.commands import loaddata

from commitments import fixtures
from commitments.ledger import act
from commitments.management.told import told


class Command(loaddata.Command):
    def handle(self, *labels, **options):
        who = told("loaddata", *labels)
        with act(actor=who["by"], reason=who["reason"], using=options["database"]):
            super().handle(*labels, **options)
        fixtures.derive()

    def save_obj(self, obj):
        if (
            not type(obj.object).objects.filter(pk=obj.object.pk).exists()
        ):  # what is only added to can't be updated first
            obj.save = functools.partial(obj.save, force_insert=True)
        return super().save_obj(obj)
