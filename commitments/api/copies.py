"""The quotes that prove a part of a commitment, copy by copy, as the component Parallel says."""

from collections.abc import Mapping

from ..parallels import Parallel


def side_by_side(found: Parallel, kinds: Mapping[str, str], divergences: list[dict]) -> dict:
    """A part of a commitment as the component Parallel says. `kinds`: each document's kind."""
    shown = {quote["ref"] for quote in found.quotes}

    def mark(span: tuple[int, int] | None) -> dict | None:
        return span and {"start": span[0], "end": span[1]}

    return {
        "part": found.part,
        "second_hand": found.second_hand,
        "quotes": [quote | {"document_kind": kinds[quote["document"]["ref"]]} for quote in found.quotes],
        "comparisons": [
            {
                "quote": compared.quote,
                "other": compared.other,
                "differences": [
                    {"op": row["op"], "quote": mark(row["quote"]), "other": mark(row["other"])}
                    for row in compared.differences
                ],
            }
            for compared in found.comparisons
        ],
        "divergences": [each for each in divergences if shown.issuperset(each["between"])],
    }
