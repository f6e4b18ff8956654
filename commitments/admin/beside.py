"""A commitment's quotes side by side in its form: copy by copy, what differs marked in each."""

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from .. import codebook, models, parallels, text
from . import display


def side_by_side(commitment: models.Commitment) -> SafeString | str:
    """A table for each part that is quoted from more than one document; nothing where no part is."""
    cited = sorted(
        commitment.citations.select_related("quote__document").order_by("ref"),
        key=lambda each: models.CitationPart.values.index(each.part),
    )
    shown = [
        {
            "ref": each.quote.ref,
            "part": each.part,
            "exact": each.quote.exact,
            "language": each.quote.language,
            "start": each.quote.start,
            "document": {"ref": each.quote.document_id},
        }
        for each in cited
    ]
    kinds = {each.quote.document_id: each.quote.document.document_kind for each in cited}
    found = [
        each
        for each in parallels.parallels(shown, kinds)
        if len({quote["document"]["ref"] for quote in each.quotes}) > 1
    ]
    return format_html_join("", "{}", [(_table(each, kinds),) for each in found]) or display.NONE


def _table(found: parallels.Parallel, kinds: dict[str, str]) -> SafeString:
    firsts = {compared.quote for compared in found.comparisons}
    spans = {compared.other: [row["other"] for row in compared.differences] for compared in found.comparisons}
    for compared in found.comparisons:
        spans.setdefault(compared.quote, []).extend(row["quote"] for row in compared.differences)
    rows = format_html_join(
        "",
        '<tr><th scope="row"><a href="{}">{}</a><br>{}</th><td dir="{}" lang="{}">{}</td></tr>',
        [
            (
                reverse("admin:commitments_quote_change", args=[quote["ref"]]),
                quote["ref"],
                codebook.label("document_kind", kinds[quote["document"]["ref"]], display.reader()),
                display.direction(quote["language"]),
                quote["language"],
                _marked(quote["exact"], spans.get(quote["ref"], [])),
            )
            for quote in found.quotes
        ],
    )
    part = codebook.label("part", found.part, display.reader())
    told = _("known at second hand only") if found.second_hand else _("with the official text")
    same = not any(compared.differences for compared in found.comparisons) if firsts else None
    told = f"{told}; {_('the copies agree word by word')}" if same else told
    return format_html('<table class="beside"><caption>{}: {}</caption>{}</table>', part, told, rows)


def _marked(content: str, spans: list[tuple[int, int] | None]) -> SafeString:
    """A text with these spans of it marked; what would turn it around, as its escape."""
    shown, at = [], 0
    for start, end in sorted({span for span in spans if span}):
        if start >= at:
            before, marked = text.visible(content[at:start]), text.visible(content[start:end])
            shown.append(format_html("{}<mark>{}</mark>", before, marked))
            at = end
    return mark_safe("".join([*shown, format_html("{}", text.visible(content[at:]))]))  # noqa: S308 (each piece is escaped)
