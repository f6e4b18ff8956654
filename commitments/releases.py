"""Public releases: a public bundle, signed, recorded and kept as an archive that anybody can download."""

import contextlib
import pathlib
import tempfile
import zipfile
from collections.abc import Iterator

from django.conf import settings
from django.db import IntegrityError
from django.utils.translation import gettext as _

from . import bags, checkpoints, fixtures
from .actions import Refused
from .checkpoints import Release
from .ledger import act
from .models import Publication

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that an archive can say, so that it says nothing


def publish(*, by: str, reason: str, door: str = "command") -> Release:
    """Makes the public bundle of the ledger as it is now, and records it; the reason is public.

    Refused without a signing key, and where nothing public changed since the last release.
    """
    if checkpoints.private_key() is None:
        raise Refused(_("A release is signed, and there is no key: name its file in TRACKER_SIGNING_KEY."))
    last = Release.objects.order_by("size").last()
    if not Publication.objects.filter(from_seq__gt=last.size if last else 0).exists():
        raise Refused(
            _("Nothing public changed since %s.") % last if last else _("There is nothing public to release yet.")
        )
    size = fixtures.signing_size(by=by, reason=reason)
    with tempfile.TemporaryDirectory(dir=_folder()) as work:
        bundle = pathlib.Path(work) / f"release-{size}"
        made = fixtures.export(bundle, kind="public", at=size, by=by, reason=reason)
        packed = _pack(bundle)
        with _alone(size), act(actor=by, reason=reason, door=door):
            release = Release.objects.create(
                ref=bundle.name, size=size, head=made["head"], digest=made["digest"], note=made["note"]
            )
            packed.rename(path_of(release))
    return release


@contextlib.contextmanager
def _alone(size: int) -> Iterator[None]:
    """Refused where somebody else published the same size at the same moment."""
    try:
        yield
    except IntegrityError as error:
        raise Refused(_("Somebody else published release-%s just now.") % size) from error


def archive(release: Release) -> pathlib.Path:
    """The release's archive (zip); made again, byte by byte the same bundle, where this machine hasn't got it.

    Faulty if text of it had to go since, or if the database no longer gives what was released.
    """
    path = path_of(release)
    fixtures.existing(release.size)  # what had to go is gone from whatever machine still has an archive of it
    if not path.exists():
        with tempfile.TemporaryDirectory(dir=_folder()) as work:
            bundle = pathlib.Path(work) / release.ref
            made = fixtures.export(bundle, kind="public", at=release.size, by="", reason="")
            if made["digest"] != release.digest:
                bags.fault(bundle, "NOT_THE_RELEASE", f"the database gives {made['digest']}, not {release.digest}")
            _pack(bundle).rename(path)
    return path


def withdraw(size: int) -> None:
    """Removes the archives of all releases of `size` entries or more: they hold text that had to go."""
    for release in Release.objects.filter(size__gte=size):
        path_of(release).unlink(missing_ok=True)


def path_of(release: Release) -> pathlib.Path:
    """Where a release's archive is kept on this machine."""
    return _folder() / f"{release.ref}.zip"


def _folder() -> pathlib.Path:
    settings.RELEASES.mkdir(exist_ok=True)
    return settings.RELEASES


def _pack(bundle: pathlib.Path) -> pathlib.Path:
    target = bundle.with_suffix(".zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(bundle.rglob("*")):
            if path.is_file():
                about = zipfile.ZipInfo(f"{bundle.name}/{path.relative_to(bundle).as_posix()}", EPOCH)
                about.external_attr, about.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
                with path.open("rb") as content, packed.open(about, "w", force_zip64=True) as into:
                    while block := content.read(1 << 20):
                        into.write(block)
    bags.flush(target)
    return target
