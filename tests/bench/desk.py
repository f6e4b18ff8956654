"""The curators' pages beside Django's default admin, a save, and a party renamed that half of all commitments name."""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from urllib.parse import urlencode

from tests.bench import databases
from tests.bench.report import Held, Table
from tracker import PROJECT, postgres

SAVES = 100


def measure(cluster: postgres.Cluster, size: int, rounds: int) -> tuple[Table, list[Held]]:
    """Runs the pages in a process of their own, on a copy of the register, since they write."""
    name = "bench_desk"
    databases.create(cluster, name, databases.register(cluster, size))
    given = databases.environment(cluster, name, BENCH_ROUNDS=str(rounds))
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.desk"], cwd=PROJECT, env=given, check=True, stdout=subprocess.PIPE
    )
    databases.drop(cluster, name)
    found = json.loads(done.stdout.splitlines()[-1])
    pages, held = found["pages"], []
    rows = [[page, f"{ms:.0f}", str(queries), str(counts)] for page, (ms, queries, counts) in pages.items()]
    for page in ("list", "search", "filtered list"):
        _ms, queries, counts = pages[page]
        good = queries <= 12 and not counts
        held.append(
            Held(f"admin {page}: queries, counts of the whole table", "≤ 12, none", f"{queries}, {counts}", good)
        )
    ratio = pages["edit form"][0] / pages["default admin's edit form"][0]
    held.append(Held("edit form against the default admin's", "≤ 0.1 ×", f"{ratio:.3f} ×", ratio <= 0.1))
    saves = sorted(found["saves"])
    p95 = saves[int(len(saves) * 0.95)]
    held.append(Held("a curator's save, p95", "< 150 ms", f"{p95:.0f} ms", p95 < 150))
    took, slowest, usual = found["rename"]
    held.append(
        Held(f"renaming a party that {found['naming']:,} commitments name", "≤ 60 s", f"{took:.0f} s", took <= 60)
    )
    told = f"slowest list meanwhile {slowest:.0f} ms, usually {usual:.0f} ms"
    held.append(Held("readers meanwhile", "never blocked", told, slowest < 5000))
    rows.append(["a save (p50)", f"{statistics.median(saves):.0f}", "", ""])
    return Table(
        "The desk", "In one process, by Django's test client.", ["page", "ms", "queries", "counts of the whole"], rows
    ), held


def main() -> None:
    """Prints what was measured as one JSON object."""
    import django

    django.setup()
    import logging

    from django.conf import settings
    from django.contrib import admin
    from django.db import connection, connections
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, override_settings
    from django.urls import path

    from commitments import actions, models
    from commitments.ledger import act
    from tests.bench import register
    from tests.test_admin import Inputs, at, person
    from tracker import urls

    logging.disable(logging.CRITICAL)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    default = admin.AdminSite("default")
    parts = (models.CommitmentParty, models.CommitmentTopic, models.Relation)  # with all, a page takes an hour
    inlines = [
        type(f"{part.__name__}Inline", (admin.TabularInline,), {"model": part, "fk_name": "commitment"})
        for part in parts
    ]
    default.register(models.Commitment, type("Default", (admin.ModelAdmin,), {"inlines": inlines}))
    addresses = type(sys)("bench_urls")
    addresses.urlpatterns = [path("admin/default/", default.urls), *urls.urlpatterns]
    sys.modules["bench_urls"] = addresses
    own = settings.TEMPLATES[0] | {"APP_DIRS": False, "DIRS": [pathlib.Path(admin.__file__).parent / "templates"]}
    client, rounds = Client(HTTP_HOST="127.0.0.1"), int(os.environ["BENCH_ROUNDS"])
    user = person("bench", "curator", is_superuser=True)
    client.force_login(user)
    refs = [*models.Commitment.objects.order_by("?").values_list("pk", flat=True)[:SAVES]]
    whole = at(models.Commitment)
    word = models.Quote.objects.first().exact.split()[0]

    def page(address: str, times: int) -> tuple[float, int, int]:
        """(Median ms, queries, counts of the whole table)."""
        taken = []
        for _each in range(times):
            with CaptureQueriesContext(connection) as queries:
                begun = time.perf_counter()
                answer = client.get(address)
                taken.append(1000 * (time.perf_counter() - begun))
            assert answer.status_code == 200, (address, answer.status_code)
        counts = [
            each["sql"]
            for each in queries
            if "COUNT(*)" in each["sql"] and "WHERE" not in each["sql"] and "LIMIT" not in each["sql"]
        ]
        return statistics.median(taken), len(queries), len(counts)

    form = at(models.Commitment, "change", refs[0])
    pages = {
        "list": page(whole, rounds + 2),
        "search": page(f"{whole}?q={refs[0][6:12]}", rounds + 2),
        "filtered list": page(f"{whole}?strength=agrees", rounds + 2),
        "search in quotes": page(f"{at(models.Quote)}?q={word}", rounds + 2),
        "edit form": page(form, rounds + 2),
    }
    saves = []
    for number, ref in enumerate(refs):
        address = at(models.Commitment, "change", ref)
        sent = Inputs(client.get(address).content.decode()).sent | {
            "reason": "a better word",
            "title-en": f"Better words {number}",
        }
        begun = time.perf_counter()
        answer = client.post(address, urlencode(sent), content_type="application/x-www-form-urlencoded")
        saves.append(1000 * (time.perf_counter() - begun))
        assert answer.status_code == 302, answer.content.decode()[:2000]
    with override_settings(ROOT_URLCONF="bench_urls", TEMPLATES=[own]):  # ours link to pages that only our site has
        pages["default admin's edit form"] = page(f"/admin/default/commitments/commitment/{refs[0]}/change/", 1)
    found = {"pages": pages, "saves": saves, "naming": naming(models, register.BUSIEST)}
    found["rename"] = rename(lambda: _rename(actions, act, models, register.BUSIEST), client, register.BUSIEST)
    connections.close_all()
    print(json.dumps(found))


def naming(models, party: str) -> int:
    """How many public commitments name a party."""
    return models.Publication.objects.known_at(None).of("commitment").filter(parties__contains=[party]).count()


def _rename(actions, act, models, ref: str) -> None:
    party = models.Party.objects.get(pk=ref)
    with act(actor="renaming", reason="it has another name"):
        party.name = {"en": "Renamed", "ar": "اسم آخر"}
        party.save()
    party.refresh_from_db()
    actions.publish([party], by="another", reason="compared")


def rename(work: Callable[[], None], client, party: str) -> tuple[float, float, float]:
    """(Seconds of the work, the slowest and the usual ms of a list that is asked for meanwhile)."""
    from django.db import connections

    address, taken, over = f"/api/v1/commitments/?party={party}&ordering=due&page_size=5", [], threading.Event()

    def read() -> None:
        while not over.is_set():
            begun = time.perf_counter()
            assert client.get(address).status_code == 200
            taken.append(1000 * (time.perf_counter() - begun))
            over.wait(0.2)
        connections.close_all()

    reader, begun = threading.Thread(target=read), time.perf_counter()
    reader.start()
    try:
        work()
    finally:
        over.set()
        reader.join()
    return time.perf_counter() - begun, max(taken), statistics.median(taken)


if __name__ == "__main__":
    main()
