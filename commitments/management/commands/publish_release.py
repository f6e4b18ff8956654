"""Publishes a release: the public bundle, signed and recorded."""

from django.core.management.base import BaseCommand, CommandError

from commitments import actions, checkpoints, findings, releases
from commitments.management.told import told


class Command(BaseCommand):
    help = "Makes the public bundle of the record as it is now; `releases/` of the API offers it for download."

    def handle(self, **options):
        try:
            release = releases.publish(**told("publish_release"))
        except (actions.Refused, findings.Faulty, checkpoints.BadKey) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{release.ref} published: {releases.path_of(release)}")
