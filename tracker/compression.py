"""Compresses what says that it varies by Accept-Encoding, with brotli or gzip: public data, never the desk's pages."""

import re
import zlib
from collections.abc import Callable, Iterable, Iterator

import brotli
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import has_vary_header

SMALLEST = 1024  # bytes: below, an answer fits one packet either way
WEIGHTED = re.compile(r"\s*([\w*-]+)\s*(?:;\s*[qQ]\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?")


def _brotli() -> tuple[Callable[[bytes], bytes], Callable[[], bytes]]:
    made = brotli.Compressor(quality=4)  # as fast as gzip, and smaller
    return made.process, made.finish


def _gzip() -> tuple[Callable[[bytes], bytes], Callable[[], bytes]]:
    made = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)  # no time in its head: same data, same bytes
    return made.compress, made.flush


CODINGS = {"br": _brotli, "gzip": _gzip}  # the one preferred first


def chosen(accepted: str) -> str | None:
    """The coding that an Accept-Encoding likes best, ours first among equals; None for none, or for identity."""
    found = [WEIGHTED.fullmatch(part) for part in accepted.split(",")]
    weights = {each[1].lower(): float(each[2] or 1) for each in found if each}
    liked = {coding: weights.get(coding, weights.get("*", 0)) for coding in CODINGS}
    best = max(liked, key=liked.get)
    return best if liked[best] > 0 and liked[best] >= weights.get("identity", 0) else None


def packed(parts: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """The parts, compressed one after the other."""
    process, finish = CODINGS[coding]()
    yield from filter(None, map(process, parts))
    yield finish()


def compress(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable:
    """Middleware. A compressed answer's ETag is weak, since its bytes are others than the plain one's."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        accepted = request.META.get("HTTP_ACCEPT_ENCODING", "")
        if not accepted or response.status_code != 200 or not has_vary_header(response, "Accept-Encoding"):
            return response
        coding = chosen(accepted)
        if coding is None or not (response.streaming or len(response.content) >= SMALLEST):
            return response
        if response.streaming:
            response.streaming_content = packed(response.streaming_content, coding)
            del response["Content-Length"]
        else:
            response.content = b"".join(packed([response.content], coding))
            response["Content-Length"] = str(len(response.content))
        response["Content-Encoding"] = coding
        if (tag := response.get("ETag", "")).startswith('"'):
            response["ETag"] = f"W/{tag}"
        return response

    return answer
