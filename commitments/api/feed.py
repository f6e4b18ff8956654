"""The Atom feed (RFC 4287) of the commitments that a question finds, the one that changed last first."""

import datetime
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from xml.etree import ElementTree

from django.http import HttpRequest, HttpResponse

from ..ledger import Entry
from . import filters, renderers
from .views import Commitments

SHOWN = 50  # entries of one page
ATOM = "http://www.w3.org/2005/Atom"
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # XML 1.0 has no way to write these
TITLE = {"en": "Commitments, the latest change first", "ar": "الالتزامات، الأحدث تغييرًا أولًا"}
AUTHOR = {"en": "Commitment tracker", "ar": "متتبّع الالتزامات"}
BEGINNING = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def put(parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    """A new element below another; what XML can't hold becomes a space."""
    made = ElementTree.SubElement(parent, name, {each: NOT_XML.sub(" ", value) for each, value in attributes.items()})
    made.text = NOT_XML.sub(" ", text) if text else None
    return made


def in_language(texts: dict[str, str], language: str) -> tuple[str, str]:
    """(The language, the text) that there is: this one, else English, else the first by tag."""
    found = next((each for each in (language, "en") if each in texts), None) or min(texts)
    return found, texts[found]


def entry(feed: ElementTree.Element, item: dict, at: datetime.datetime, language: str) -> None:
    """A commitment: its title, when it last changed, its codes in words, and the first quote that proves it."""
    made = put(feed, "entry")
    put(made, "id", item["url"])
    put(made, "updated", renderers.instant(at))
    spoken, title = in_language(item["title"], language)
    put(made, "title", title).set("xml:lang", spoken)
    put(made, "link", rel="alternate", type=renderers.JSON.media_type, href=item["url"])
    put(made, "link", rel="alternate", type=renderers.LinkedData.media_type, href=f"{item['url'][:-1]}.jsonld")
    for topic in item["topics"]:
        put(made, "category", term=topic)
    quote = item["quotes"][0]
    summary = " · ".join(item["labels"][name] for name in ("strength", "schedule", "status"))
    put(made, "summary", summary).set("xml:lang", language)
    put(made, "content", quote["exact"], type="text").set("xml:lang", quote["language"])


def document(links: dict[str, str], found: Iterable[tuple[dict, datetime.datetime]], language: str) -> bytes:
    """The feed: `links` by relation, and each commitment's JSON with the instant of its last change."""
    found = list(found)
    feed = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": language})
    put(feed, "id", links["first"])
    put(feed, "title", TITLE[language])
    put(feed, "updated", renderers.instant(found[0][1] if found else BEGINNING))
    put(put(feed, "author"), "name", AUTHOR[language])
    for rel, address in links.items():
        put(feed, "link", rel=rel, href=address)
    for item, at in found:
        entry(feed, item, at, language)
    return ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)


class Feed(Commitments):
    """An Atom feed of the commitments that a question finds, the one that changed last first; 50 a page."""

    renderer_classes = [renderers.Atom]
    filterset_class, filtersets = filters.Feed, {}
    answers = {"list": "CommitmentFeed"}

    def list(self, request: HttpRequest) -> HttpResponse:
        language = self.asked["lang"] = self.asked["lang"] or "en"
        rows = self.questioned().filter_queryset(self.moment_rows()).order_by("-index__publication__from_seq")
        found = list(rows.values_list("index__publication__from_seq", *self.OWN)[: SHOWN + 1])
        given = dict(self.filterset.data.items())
        asked = {name: value for name, value in given.items() if name != "before"}
        links = {"self": self.list_of("feed", **given), "first": self.list_of("feed", **asked)}
        links["alternate"] = self.list_of(self.basename, **asked)
        if len(found) > SHOWN:
            links["next"] = self.list_of("feed", **asked, before=found[SHOWN - 1][0])
        content_type = f"{renderers.Atom.media_type}; charset=utf-8"
        page = renderers.Page(document(links, self.told(found[:SHOWN]), language))
        page.links = {"next": links.get("next")}
        return self.answer(page, content_type)

    def told(self, found: Sequence[tuple]) -> Iterator[tuple[dict, datetime.datetime]]:
        """Each commitment's JSON with the instant of its last change."""
        at = dict(Entry.objects.filter(seq__in=[seq for seq, *_row in found]).values_list("seq", "at"))
        return ((json.loads(self.item(tuple(row))), at[seq]) for seq, *row in found)
