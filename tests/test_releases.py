"""Public releases: what anybody may take home, and that nothing of the desk is in it."""

import datetime
import hashlib
import io
import json
import pathlib
import re
import zipfile

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils.http import http_date

from commitments import actions, bags, checkpoints, fixtures, models, releases, verification, withholding
from commitments.bundle import verify
from commitments.checkpoints import Release
from commitments.findings import Faulty
from commitments.ledger import Entry, act
from tests import builders

CANARY = "canary-7f3a"


@pytest.fixture(autouse=True)
def kept(published_database, settings, tmp_path):
    """Archives of the test's own, and one public commitment."""
    settings.RELEASES = tmp_path / "releases"
    return published_database


def publish(**asked):
    return releases.publish(**{"by": "person-1", "reason": "the monthly release"} | asked)


def unpacked(release, folder):
    with zipfile.ZipFile(releases.path_of(release)) as packed:
        packed.extractall(folder)
    return folder / release.ref


def test_a_release_is_the_public_bundle_recorded_with_who_and_why(kept, tmp_path):
    release = publish()
    bundle = unpacked(release, tmp_path)
    digest = hashlib.sha256((bundle / "manifest-sha256.txt").read_bytes()).hexdigest()
    assert (release.ref, release.digest) == (f"release-{release.size}", digest)
    entry = Entry.objects.get(table="commitments_release")
    assert (entry.actor, entry.reason, entry.seq) == ("person-1", "the monthly release", release.size + 1)
    assert [path.name for path in sorted((bundle / "data").iterdir())] == [
        "ledger.jsonl", "publication.jsonl", "release.jsonl", "signingkey.jsonl", "withholding.jsonl",
    ]  # fmt: skip
    report = verify.check(bundle)
    assert (report.findings, report.exit_code) == ([], 0)


def test_nothing_of_the_desk_is_in_a_release(kept, tmp_path):
    with act(actor=CANARY, reason=CANARY):
        models.Party.objects.filter(pk="north").update(note=CANARY)
        builders.topic("secret", name={"en": CANARY})
        models.User.objects.create_user(CANARY, password=CANARY)
    content = (builders.TEXT).encode()
    actions.attach(kept["document"], content, by="author", reason=CANARY, now=builders.NOW)
    bundle = unpacked(publish(), tmp_path)
    everything = b"".join(path.read_bytes() for path in sorted(bundle.rglob("*")) if path.is_file()).decode()
    assert CANARY not in everything
    assert builders.TEXT[70:] not in everything


def test_a_release_needs_something_new_and_a_key(kept, settings):
    first = publish()
    with pytest.raises(actions.Refused, match=f"Nothing public changed since {first.ref}"):
        publish()
    with act(actor="author", reason="more"):
        topic = builders.topic("economy")
    actions.publish([topic], by="approver", reason="checked")
    settings.SIGNING_KEY = ""
    with pytest.raises(CommandError, match="TRACKER_SIGNING_KEY"):
        call_command("publish_release")
    assert Release.objects.count() == 1


def test_an_empty_record_has_nothing_to_release(empty_database):
    with empty_database(), pytest.raises(actions.Refused, match="nothing public to release yet"):
        publish()


def test_a_lost_archive_is_made_again_with_the_same_bytes(kept, tmp_path):
    release = publish()
    path = releases.path_of(release)
    before = path.read_bytes()
    with act(actor="author", reason="more"):
        models.Party.objects.filter(pk="north").update(name={"en": "The North"})
    actions.publish(models.Party.objects.filter(pk="north"), by="approver", reason="checked")
    assert releases.archive(release) == path
    path.unlink()
    assert releases.archive(release).read_bytes() == before


def test_a_release_that_the_database_no_longer_gives_is_not_served(kept):
    release = publish()
    releases.path_of(release).unlink()
    release.digest = "0" * 64
    with pytest.raises(Faulty, match="NOT_THE_RELEASE"):
        releases.archive(release)


def test_a_later_release_follows_from_an_earlier_one(kept, tmp_path):
    first = unpacked(publish(), tmp_path)
    with act(actor="author", reason="more"):
        topic = builders.topic("economy")
    actions.publish([topic], by="approver", reason="checked")
    call_command("publish_release", stdout=io.StringIO())
    second = unpacked(Release.objects.first(), tmp_path)
    report = verify.check(second, earlier=first)
    assert (report.findings, report.exit_code) == ([], 0)
    assert pathlib.Path(second / "checkpoints" / f"{first.name.removeprefix('release-')}.txt").is_file()


def test_two_drafts_of_equal_content_have_different_hashes(kept):
    for ref in ("one", "two"):
        with act(actor="author", reason="the same"):
            builders.topic(ref, name={"en": "The same"})
    leaves = Entry.objects.filter(table="commitments_topic", reference__in=["one", "two"]).values_list(
        "leaf", flat=True
    )
    assert len(set(leaves)) == 2
    salts = {entry.values["salt"] for entry in Entry.objects.all()}
    assert len(salts) == Entry.objects.count()
    assert all(len(salt) == 32 for salt in salts)


def test_public_and_full_bundles_of_one_size_have_the_same_chain(kept, tmp_path):
    told = {"by": "auditor", "reason": "compare"}
    full = fixtures.export(tmp_path / "full", **told)
    public = fixtures.export(tmp_path / "public", kind="public", **told)
    assert (full["head"], full["size"]) == (public["head"], public["size"])
    assert verify.check(tmp_path / "full", earlier=tmp_path / "public").findings == []


def test_anybody_finds_the_releases_and_downloads_the_bundle(kept, client, tmp_path):
    release = publish()
    listed = client.get("/api/v1/releases/").json()
    entry = Entry.objects.get(table="commitments_release")
    assert (listed["count"], listed["next"], listed["previous"]) == (1, None, None)
    (shown,) = listed["results"]
    assert shown == {
        "ref": release.ref,
        "url": f"http://testserver/api/v1/releases/{release.ref}/",
        "size": release.size,
        "head": release.head,
        "origin": checkpoints.origin_of(),
        "checkpoint": checkpoints.Checkpoint.objects.get(size=release.size).note,
        "digest": release.digest,
        "note": release.note,
        "at": f"{entry.at:%Y-%m-%dT%H:%M:%S.%fZ}",
        "actor": "person-1",
        "reason": "the monthly release",
        "bundle": f"http://testserver/api/v1/releases/{release.ref}/bundle.zip",
    }
    assert client.get(shown["url"]).json() == shown
    answer = client.get(shown["bundle"])
    assert answer["Content-Type"] == "application/zip"
    (tmp_path / "bundle.zip").write_bytes(b"".join(answer.streaming_content))
    with zipfile.ZipFile(tmp_path / "bundle.zip") as packed:
        packed.extractall(tmp_path)
    assert verify.check(tmp_path / release.ref).exit_code == 0
    assert "Vary" not in answer  # an archive isn't compressed again
    assert client.get(shown["bundle"], headers={"if-none-match": answer["ETag"]}).status_code == 304
    assert client.get(shown["bundle"], headers={"if-match": '"another"'}).status_code == 412
    with time_machine.travel(datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=1)):
        assert client.get(shown["bundle"], headers={"if-modified-since": http_date()}).status_code == 304


def test_the_releases_read_on_from_the_newest(kept, client):
    first = publish()
    with act(actor="author", reason="more"):
        topic = builders.topic("economy")
    actions.publish([topic], by="approver", reason="checked")
    second = publish()
    page = client.get("/api/v1/releases/?page_size=1").json()
    assert [each["ref"] for each in page["results"]] == [second.ref]
    assert page["next"] == f"http://testserver/api/v1/releases/?page_size=1&before={second.size}"
    assert [each["ref"] for each in client.get(page["next"]).json()["results"]] == [first.ref]


def test_a_release_that_is_not_there_and_one_whose_text_had_to_go(kept, client):
    assert client.get("/api/v1/releases/release-1/").status_code == 404
    assert client.get("/api/v1/releases/release-1/bundle.zip").status_code == 404
    release = publish()
    words = "a word too many"
    for name in (words, "The North"):
        with act(actor="author", reason="rename"):
            models.Party.objects.filter(pk="north").update(name={"en": name})
        actions.publish(models.Party.objects.filter(pk="north"), by="approver", reason="checked")
        if name == words:
            release = publish()
    withholding.withhold(words, by="operator", reason="an order")
    answer = client.get(f"/api/v1/releases/{release.ref}/bundle.zip")
    assert (answer.status_code, answer.json()["detail"]) == (
        410,
        "Text of this release had to go since; take a later release.",
    )


def test_a_release_that_went_wrong_is_a_fault_of_ours(kept, client):
    release = publish()
    releases.path_of(release).unlink()
    with connections["owner"].cursor() as cursor:
        for step in ("DISABLE TRIGGER USER", "ENABLE TRIGGER USER"):
            cursor.execute(f"ALTER TABLE commitments_release {step}")
            if step.startswith("DISABLE"):
                cursor.execute("UPDATE commitments_release SET digest = repeat('0', 64)")
    assert [(found.line, found.code) for found in verification.ledger() if found.code != "ROW"] == [
        (release.size, "RELEASE")
    ]
    client.raise_request_exception = False
    assert client.get(f"/api/v1/releases/{release.ref}/bundle.zip").status_code == 500


@pytest.fixture
def address():
    return "/admin/commitments/release/"


def test_an_auditor_publishes_a_release_with_a_button_and_nobody_else_can(kept, client, address):
    with act(actor="set-up", reason="accounts for the test"):
        for name in ("auditor", "curator"):
            user = models.User.objects.create_user(name, is_staff=True, pseudonym=f"pen-{name}")
            user.groups.add(Group.objects.get_or_create(name=name)[0])
    client.force_login(models.User.objects.get(username="curator"))
    assert "Publish a release" not in client.get(address).content.decode()
    assert client.post(f"{address}publish/", {"reason": "mine"}).status_code == 403
    client.force_login(models.User.objects.get(username="auditor"))
    assert "Publish a release" in client.get(address).content.decode()
    assert client.get(f"{address}publish/").status_code == 405
    told = client.post(f"{address}publish/", {"reason": ""}, follow=True).content.decode()
    assert "Nothing was published: give the reason, too." in told
    told = client.post(f"{address}publish/", {"reason": "the monthly release"}, follow=True).content.decode()
    release = Release.objects.get()
    assert f"Published: {release.ref}" in told
    entry = Entry.objects.get(table="commitments_release")
    assert (entry.actor, entry.reason, entry.door) == ("pen-auditor", "the monthly release", "admin")
    told = client.post(f"{address}publish/", {"reason": "again"}, follow=True).content.decode()
    assert f"Nothing public changed since {release.ref}" in told


def test_the_button_says_when_the_key_cannot_sign(kept, client, address, settings, tmp_path):
    settings.SIGNING_KEY = str(tmp_path / "gone.pem")
    with act(actor="set-up", reason="an account for the test"):
        client.force_login(models.User.objects.create_superuser("chief"))
    told = client.post(f"{address}publish/", {"reason": "the monthly release"}, follow=True).content.decode()
    assert "can&#x27;t be read" in told
    assert not Release.objects.exists()


def test_a_version_that_was_taken_out_of_a_signed_public_bundle_is_missed(kept, tmp_path):
    """A mirror that turns a public entry into hashes, drops its row and lists everything anew."""
    bundle = unpacked(publish(), tmp_path)
    drop(bundle, "data/publication.jsonl", lambda row: row["pk"] != "deadline.talks-2030-05-04-01.deadline-1.1")
    hide(bundle, "deadline.talks-2030-05-04-01.deadline-1.1")
    report = verify.check(bundle)
    assert {found.code for found in report.findings} >= {"PUBLIC_DIFFERS"}
    (bundle / "public.txt").unlink()
    list_anew(bundle, without="public.txt")
    report = verify.check(bundle)
    assert (report.exit_code, [outcome.state for outcome in report.outcomes if outcome.check == "signature"]) == (
        3,
        ["partly"],
    )


def test_what_an_earlier_bundle_showed_is_not_hidden_later(kept, tmp_path):
    bundle = unpacked(publish(), tmp_path)
    told = {"by": "auditor", "reason": "keep it"}
    fixtures.export(tmp_path / "kept", kind="public", at=Release.objects.get().size, **told)
    drop(bundle, "data/publication.jsonl", lambda row: row["pk"] != "deadline.talks-2030-05-04-01.deadline-1.1")
    hide(bundle, "deadline.talks-2030-05-04-01.deadline-1.1")
    found = verify.check(bundle, earlier=tmp_path / "kept").findings
    assert "EARLIER_DIFFERS" in {each.code for each in found}


def test_a_signed_checkpoint_of_a_release_is_missed_when_it_is_gone(kept, tmp_path):
    size = publish().size
    fixtures.export(tmp_path / "full", by="auditor", reason="take it home")
    (tmp_path / f"full/checkpoints/{size}.txt").unlink()
    list_anew(tmp_path / "full", without=f"checkpoints/{size}.txt")
    assert [each.code for each in verify.check(tmp_path / "full").findings] == ["CHECKPOINT_GONE"]


def drop(bundle, name, wanted):
    path = bundle / name
    lines = [line for line in path.read_bytes().splitlines(keepends=True) if wanted(json.loads(line))]
    path.write_bytes(b"".join(lines))
    tell(bundle, name)


def hide(bundle, reference):
    path, lines = bundle / "data/ledger.jsonl", []
    for line in path.read_bytes().splitlines(keepends=True):
        entry = json.loads(line)
        if json.loads(entry.get("canonical", "{}")).get("reference") == reference:
            del entry["canonical"]
        lines.append(bags.line(entry))
    path.write_bytes(b"".join(lines))
    tell(bundle, "data/ledger.jsonl")


def tell(bundle, name):
    content = (bundle / name).read_bytes()
    manifest = json.loads((bundle / "manifest.json").read_text())
    for each in manifest["files"]:
        if each["file"] == name:
            each.update(sha256=hashlib.sha256(content).hexdigest(), count=content.count(b"\n"))
    (bundle / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    list_anew(bundle)


def list_anew(bundle, without=None):
    """Writes the lists of hashes, and BagIt's count, as somebody would who knows what they do."""
    files = sorted((bundle / "data").iterdir())
    oxum = f"Payload-Oxum: {sum(path.stat().st_size for path in files)}.{len(files)}"
    info = (bundle / "bag-info.txt").read_text()
    (bundle / "bag-info.txt").write_text(re.sub(r"Payload-Oxum: .*", oxum, info))
    for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        paths = [line.split("  ")[1] for line in (bundle / name).read_text().splitlines()]
        listed = [
            f"{hashlib.sha256((bundle / path).read_bytes()).hexdigest()}  {path}\n" for path in paths if path != without
        ]
        (bundle / name).write_text("".join(listed))


def test_of_two_who_publish_the_same_size_at_once_one_is_told(kept, monkeypatch):
    export = fixtures.export

    def with_another_before(folder, **asked):
        made = export(folder, **asked)
        with act(actor="person-2", reason="at the same moment"):
            named = {name: made[name] for name in ("size", "head", "digest", "note")}
            Release.objects.create(ref=folder.name, **named)
        return made

    monkeypatch.setattr(fixtures, "export", with_another_before)
    with pytest.raises(actions.Refused, match=r"Somebody else published release-[0-9]+ just now"):
        publish()
    assert Release.objects.count() == 1
