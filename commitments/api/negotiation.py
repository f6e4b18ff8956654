"""Which of an address's formats an answer comes in: the one that the header Accept likes best."""

from collections.abc import Sequence

from django.http.request import MediaType
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

REFUSED = (0.0, 0, 0)
MOST = 100  # ranges that are read: no client has use for more


class Negotiation(DefaultContentNegotiation):
    """By weight (RFC 9110, 12.5.1), then by how closely a format is named, then by the client's order, then by ours."""

    def select_renderer(
        self, request: Request, renderers: Sequence[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """(The format, its media type); NotAcceptable if the client takes none."""
        ranges = [MediaType(each.lower()) for each in (request.META.get("HTTP_ACCEPT") or "*/*").split(",")[:MOST]]
        best = max(renderers, key=lambda renderer: liking(renderer.media_type, ranges))
        if liking(best.media_type, ranges) == REFUSED:
            raise NotAcceptable(available_renderers=renderers)
        return best, best.media_type


def liking(offered: str, ranges: Sequence[MediaType]) -> tuple[float, int, int]:
    """(Weight, closeness, minus the place) of the range that names a media type most closely; REFUSED if none does."""
    fitting = [(each.specificity, -place, each.quality) for place, each in enumerate(ranges) if each.match(offered)]
    closeness, place, weight = max(fitting, default=REFUSED)
    return (weight, closeness, place) if weight > 0 else REFUSED  # no number, too, is no more than 0
