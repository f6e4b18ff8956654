"""What readers ask for: the servers side by side on the same questions, in alternating rounds."""

import itertools
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from tests.bench import databases, servers
from tests.bench.report import Held, Table
from tracker import PROJECT, postgres

CONNECTIONS, PAGE, DEEP = 8, 50, 1000
PAIRS = """SELECT p.ref, c.status FROM plain.commitment c JOIN plain.commitmentparty r ON r.commitment_id = c.id
  JOIN plain.party p ON p.id = r.party_id GROUP BY 1, 2 HAVING count(*) >= 50 ORDER BY count(*), 1, 2"""
REFS = "SELECT ref FROM plain.commitment ORDER BY md5(ref) LIMIT 512"
WORDS = "SELECT word, ndoc FROM ts_stat('SELECT words FROM bare.document') ORDER BY ndoc DESC, word"
BANDS = {"frequent": (0.05, 0.3), "middling": (0.006, 0.02), "rare": (0.0003, 0.003)}  # shares of the commitments
GROWING = ("list", "detail", "search rare")
NEW = GROWING  # asked once more, as nobody asked before
TURNS = itertools.count()


def ways() -> list[dict[str, str]]:
    """Headers, with which whatever is asked was never asked before."""
    turn = next(TURNS)
    return [{"Accept-Encoding": f"identity, x-{turn}-{number}"} for number in range(4000)]


class Questions:
    """What is asked, the same of all: values for the templates of each question."""

    def __init__(self, cluster: postgres.Cluster, database: str, size: int):
        rows = [*databases.rows(cluster, database, PAIRS)]
        step = max(1, (len(rows) - 1) // 63)
        pairs = [dict(zip(("party", "status"), row, strict=True)) for row in rows[::step][:64]]
        random.Random(7).shuffle(pairs)
        dated = [each | {"day": "2022-01-01"} for each in pairs]
        self.values = {name: dated for name in ("list", "as_of", "facets")}  # noqa: C420 - only read
        self.values |= {"detail": [{"ref": ref} for (ref,) in databases.rows(cluster, database, REFS)]}
        self.values |= {"scorecard": [{"party": each["party"]} for each in pairs], "facets_all": [{}]}
        words = [*databases.rows(cluster, database, WORDS)]
        whole = "\n".join(word for word, _found in words)
        for band, (low, high) in BANDS.items():
            fit = [word for word, found in words if low * size <= found <= high * size]
            # Of no other word a part: the plain one looks for letters.
            chosen = [{"q": word} for word in fit[:: max(1, len(fit) // 16)] if whole.count(word) == 1][:8]
            self.values |= {f"search {band}": chosen, f"ranked {band}": chosen}

    def paths(self, server: servers.Server, question: str) -> list[str]:
        return [server.path(question.split()[0], **values) for values in self.values[question]]


def load(
    server: servers.Server, paths: list[str], seconds: float, expected: int = 200, headers: list[dict] | None = None
) -> dict:
    """Asks a server from a process of its own; fails if an answer isn't the expected one."""
    told = {"base": server.base, "paths": paths, "headers": headers or [server.headers]}
    told |= {"connections": CONNECTIONS, "seconds": seconds, "expected": expected}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.load"],
        input=json.dumps(told),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    measured = json.loads(done.stdout)
    if measured["failed"]:
        raise RuntimeError(f"{server.base}{paths[0]}: {measured['failed']} answers weren't {expected}")
    return measured


def median(rounds: list[dict]) -> dict:
    """The median of each figure."""
    return {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}


def alternating(runs: dict[tuple, Callable[[], dict]], rounds: int) -> dict[tuple, dict]:
    """The medians of runs that take turns, each round in another order."""
    found: dict[tuple, list[dict]] = {}
    for turn in range(rounds):
        order = sorted(runs)
        random.Random(turn).shuffle(order)
        for key in order:
            found.setdefault(key, []).append(runs[key]())
    return {key: median(each) for key, each in found.items()}


def answers(name: str, question: str, body: bytes) -> tuple:
    """(Total, references in their order) of a list, (reference, its assessments) of a detail, whoever gave it."""
    found = json.loads(body)
    if question == "detail":
        found = found["rows"][0] if name == "datasette" else found
        return found["ref"], sorted((each["ref"], each["status"]) for each in found["assessments"])
    rows = found["rows"] if name == "datasette" else found["results"]
    total = (rows[0]["total"] if rows else 0) if name == "datasette" else found["count"]
    return total, [row["ref"] for row in rows]


def prove_equal(running: dict[str, servers.Server], questions: Questions) -> int:
    """How many questions all answer alike, totals, references and their order; RuntimeError names the first that they don't."""
    proved = 0
    for question in ("list", "detail", *(f"search {band}" for band in BANDS)):
        for values in questions.values[question][:24]:
            told = {}
            for name, server in running.items():
                status, _headers, body = server.get(server.path(question.split()[0], **values))
                if status != 200:
                    raise RuntimeError(f"{name} answers {status} to {question} {values}")
                told[name] = answers(name, question.split()[0], body)
                if name == "ours" and any(
                    server.get(server.path(question.split()[0], **values))[2] != body for _each in range(4)
                ):
                    raise RuntimeError(f"{question} {values}: another answer when it is asked again")
            if any(each != told["bare"] for each in told.values()):
                raise RuntimeError(f"{question} {values}: not the same answers: {told}")
            proved += 1
    return proved


def measure(cluster: postgres.Cluster, size: int, seconds: float, rounds: int) -> tuple[Table, list[Held]]:
    """The table of requests a second, and the bounds that follow from it."""
    database = databases.register(cluster, size)
    questions = Questions(cluster, database, size)
    with servers.running(cluster, database) as running:
        proved = prove_equal(running, questions)
        ours, runs = running["ours"], {}
        for name, server in running.items():
            for question in questions.values:
                if question.split()[0] in server.templates:
                    paths = questions.paths(server, question)
                    load(server, paths, min(1.0, seconds))  # every process has run it once
                    runs[question, name] = lambda server=server, paths=paths: load(server, paths, seconds)
        paths = questions.paths(ours, "list")
        for question in NEW:
            asked = questions.paths(ours, question)
            runs[f"{question}, new", "ours"] = lambda asked=asked: load(ours, asked, seconds, headers=ways())
        tags = [{"If-None-Match": ours.get(path)[1]["etag"]} for path in paths]
        runs["304", "ours"] = lambda: load(ours, paths, seconds, 304, tags)
        first, deep = pages(ours, min(DEEP, size // PAGE))
        runs["page 1, new", "ours"] = lambda: load(ours, [first], seconds, headers=ways())
        runs["page deep, new", "ours"] = lambda: load(ours, [deep], seconds, headers=ways())
        found = alternating(runs, rounds)
        memory = ours.memory()
    return _table(found, size, proved, rounds), [
        *_held(found),
        Held("memory of two workers under load", "≤ 300 MiB", f"{memory:.0f} MiB", memory <= 300),
    ]


def pages(server: servers.Server, number: int) -> tuple[str, str]:
    """The addresses of page 1 and of the one with this number, reached by `next` alone."""
    first = address = f"{servers.API}?ordering=due"
    for _page in range(number - 1):
        address = json.loads(server.get(address)[2])["next"].removeprefix(server.base)
    return first, address


def _table(found: dict[tuple, dict], size: int, proved: int, rounds: int) -> Table:
    rows = []
    for question, name in sorted(found):
        got, (base, *_new) = found[question, name], question.split(", ")
        plain, bare = (found.get((base, each)) for each in ("plain", "bare"))
        ratios = [f"{got['rate'] / each['rate']:.2f}" if each else "" for each in (plain, bare)]
        rows.append(
            [
                question,
                name,
                f"{got['rate']:.0f}",
                *ratios,
                f"{got['p50']:.1f}",
                f"{got['p99']:.1f}",
                f"{got['bytes'] / 1000:.1f}",
            ]
        )
    busiest = max(each["busy"] for each in found.values())
    title = f"{size:,} commitments, {CONNECTIONS} connections, medians of {rounds} alternating rounds"
    about = f"{proved} questions were answered alike by all four before. The load generator was busy for at most {busiest:.0%} of its time."
    head = ["question", "server", "requests/s", "× plain DRF", "× bare SQL", "p50 ms", "p99 ms", "KB"]
    return Table(title, about, head, rows)


RATIOS = {  # question: (peer, at least)
    "list": (("plain", 25), ("datasette", 6), ("bare", 0.55)),
    "detail": (("plain", 18), ("datasette", 1.5), ("bare", 0.35)),
    **{f"search {band}": (("datasette", 1.4), ("bare", 0.9)) for band in BANDS},
}


def _held(found: dict[tuple, dict]) -> list[Held]:
    held = []
    for question, bounds in RATIOS.items():
        for peer, least in bounds:
            ratio = found[question, "ours"]["rate"] / found[question, peer]["rate"]
            held.append(Held(f"{question}, against {peer}", f"≥ {least} ×", f"{ratio:.2f} ×", ratio >= least))
    listed = found["list", "ours"]
    tail = listed["p99"] / listed["p50"]
    held.append(Held("list: p99 against p50", "≤ 10 ×", f"{tail:.1f} ×", tail <= 10))
    fresh = found["304", "ours"]["rate"] / listed["rate"]
    held.append(Held("304 answers against full ones", "≥ 5 ×", f"{fresh:.1f} ×", fresh >= 5))
    new = found["304", "ours"]["rate"] / found["list, new", "ours"]["rate"]
    held.append(Held("304 answers against full ones, new", "≥ 5 ×", f"{new:.1f} ×", new >= 5))
    for question in ("facets", "facets_all", "scorecard"):
        slower = found[question, "ours"]["p50"] / listed["p50"]
        held.append(Held(f"{question}: p50 against the list's", "≤ 4 ×", f"{slower:.1f} ×", slower <= 4))
    deep = found["page deep, new", "ours"]["p50"] / found["page 1, new", "ours"]["p50"]
    return [*held, Held("deep page by next, against page 1", "≤ 1.2 ×", f"{deep:.2f} ×", deep <= 1.2)]


FIRSTS = """The first answer to a question, asked alone, counts what it finds, which is kept in memory; at a million, files that the
machine's memory doesn't hold are read as well. Given up: questions whose first answer takes longer than the service lets any take, which are told so
with 503 and aren't measured any further."""
SPREAD = 12  # connections, so that each of two processes has met one
COUNTED = (*GROWING, "facets", "scorecard")


def first(server: servers.Server, paths: list[str]) -> tuple[list[str], tuple[str, str], int]:
    """(The questions that are answered within the service's limits, the usual and the longest first answer, how many aren't)."""
    took = {}
    for path in (asked := dict.fromkeys(paths)):
        begun = time.perf_counter()
        status, _headers, _body = server.get(path)
        if status not in (200, 503):
            raise RuntimeError(f"{server.base}{path}: {status}")
        if status == 200:
            took[path] = (time.perf_counter() - begun) * 1000
            for _each in range(SPREAD):
                server.get(path)
    told = (f"{statistics.median(took.values()):.0f}", f"{max(took.values()):.0f}") if took else ("–", "–")
    return [path for path in paths if path in took], told, len(asked) - len(took)


def growth(cluster: postgres.Cluster, sizes: list[int], seconds: float, rounds: int) -> tuple[Table, list[Held]]:
    """How the cost of a list and a detail grows: one register after the other."""
    rows, p50 = [], {}
    for size in sizes:
        database = databases.register(cluster, size) if size <= 100_000 else databases.multiplied(cluster, size)
        questions = Questions(cluster, database, size)
        with servers.running(cluster, database, ("ours",)) as running:
            firsts = {base: first(running["ours"], questions.paths(running["ours"], base)) for base in COUNTED}
            for question in (*GROWING, *(f"{each}, new" for each in GROWING[:2]), "facets", "scorecard"):
                paths, once, refused = firsts[question.split(", ")[0]]
                once = ("–", "–") if "new" in question else once
                if not paths:
                    rows.append([question, size, "–", "–", "–", *once, str(refused)])
                    continue
                told = running["ours"], paths, seconds, 200
                runs = [load(*told, ways() if "new" in question else None) for _each in range(rounds + 1)]
                got = median(runs[1:])
                p50[question, size] = got["p50"]
                shown = f"{got['rate']:.0f}", f"{got['p50']:.1f}", f"{got['p99']:.1f}", *once, str(refused)
                rows.append([question, size, *shown])
    rows = [[question, f"{size:,}", *others] for question, size, *others in sorted(rows)]
    head = ["question", "commitments", "requests/s", "p50 ms", "p99 ms", "first answer, p50 ms", "longest", "given up"]
    table = Table("How cost grows", FIRSTS, head, rows)
    held = []
    for question in ("list", "detail", "list, new", "detail, new"):
        ratio = p50[question, sizes[-1]] / p50[question, sizes[0]]
        held.append(Held(f"{question}: {sizes[-1]:,} against {sizes[0]:,}", "≤ 1.5 ×", f"{ratio:.2f} ×", ratio <= 1.5))
    return table, held
