"""Bad values of every kind that docs/api.md lists, and what a request that holds one must be answered with."""

import datetime
import random
import re
from collections.abc import Iterator
from urllib.parse import quote

from commitments.api import shapes

LONG = "a" * 300
VALUES = {  # by the kinds of the table in docs/api.md; a str is percent-encoded, bytes are sent as they stand
    "nothing": ["", " ", ",", ",,,", b"%20%20", b"+"],
    "more than one": ["iraq,iraq", "true,false", "1,2", ",".join(["a"] * 51), ",".join(["iraq"] * 50), "2031-01-01,2031-01-02"],
    "too long": [LONG, "a" * 7000, "9" * 400, "-".join(["a"] * 150), b"a" * 9000],
    "another type": [
        "abc", "12", "1.5", "1e3", "0x1F", "true", "TRUE", "yes", "null", "None", "undefined", "NaN", "Infinity", "[]", "{}", '{"$ne": 1}', "[1]",
        "2031-03-01", "2031-03-01T12:00:00Z", "12:00", "1_000", "1 000", "+1", "007",
    ],
    "at and beyond the edge": [
        "-1", "0", "1", "200", "201", "9223372036854775807", "9223372036854775808", "1" + "0" * 30, "-0", "0000-01-01", "0001-01-01",
        "9999-12-31", "10000-01-01", "2031-02-30", "2031-13-01", "2031-00-00", "2031-03-01T25:00:00Z", "2031-03-01T23:59:60Z",
        "2031-03-01T12:00:00+24:00", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2031-03-01T12:00:00.1234567Z", "20310301", "2031-W10-1",
        "2031-3-1", "2031-03", "2031",
    ],
    "other writing": [
        "٢٠٣١-٠٣-٠١", "٥", "５", "²", "Iraq", "IRAQ", "ırak", "ﬁ", "iraq\u0301", "e\u0301", "\u0301", "\u202eqari", "\u200birak", "ir\u00adaq", "🙂", "العراق",
        "\ufeff", "\u2028", "\ufffd", "\U0010ffff", "ｉｒａｑ",
    ],
    "control characters": ["\0", "iraq\0", "iraq\n", "\r\n", "a\tb", "\x1b[31m", "\x7f", b"%2500", b"%250a"],
    "broken encoding": [b"%", b"%%", b"%2", b"%zz", b"%FF", b"%C0%80", b"%ED%A0%80", b"%E2%28%A1", b"caf%E9", b"\xff\xfe", b"%F5%80%80%80"],
    "someone else's syntax": [
        "' OR '1'='1", "'; DROP TABLE commitments_publication; --", "1) OR (1=1", "a' & 'b':*", "!!!", "(((", "a:*b", "a <-> b", "\\", "(a+)+$", "*", "?", "^$",
        "<script>alert(1)</script>", "{{7*7}}", "{% debug %}", "${jndi:ldap://x/y}", "%s%n%x", "$(id)", "`id`", "|ls", "a=b", "*)(uid=*", "a\r\nSet-Cookie: x=1", "{0}",
        '"', '"a', 'a" "b', "-a", "a*b*",
    ],
}  # fmt: skip
SHAPES = {  # a parameter written otherwise, {} for its name: an unknown one, or twice
    "nothing": ["{}", "={}", "{}=&{}="],
    "more than one": ["{}=a&{}=a", "{}=a&{}=b"],
    "another type": ["{}[]=a", "{}[0]=a", "{}.a=b", "{}__in=a"],
    "other writing": ["{}%20=a", "%EF%BB%BF{}=a", "{}%00=a"],
}
PATHS = {  # instead of a reference
    "nothing": ["%20", "%00"],
    "too long": [LONG, "a" * 3000],
    "other writing": ["Iraq", "%D8%A7", "e%CC%81", "%E2%80%AEqari"],
    "control characters": ["a%0Ab", "a%0D%0Ab", "a%1B"],
    "broken encoding": ["%FF", "%C0%AE", "%", "%zz", "caf%E9"],
    "someone else's syntax": ["'", "a';--", "%3Cscript%3E", "{ref}", "$%7Bx%7D", "*", "a|b"],
    "paths": [
        ".", "..", "...", "%2e%2e", "..%2f..%2fetc%2fpasswd", "a%2fb", "a//b", "a\\b", "a;b=c", "a.", "a%20", "-", "a--b", ".a", "a.b", "a.b-1", ".env",
        "wp-login.php", "a.csv", "commitments", "history",
    ],
}  # fmt: skip
ADDRESSES = [
    "/api/v1", "/api/v1//", "//api/v1/", "/api/v1/./", "/api/v1/../v1/", "/api/V1/", "/API/v1/", "/api/v2/", "/api/", "/api/v1/%2e%2e/", "/api/v1/commitments//",
    "/api/v1/commitments;/", "/api/v1/commitments%00/", "/api/v1/commitments.xml", "/api/v1/commitments.csv/", "/api/v1/.git/config", "/api/v1/users/",
    "/api/v1/drafts/", "/api/v1/documenttexts/", "/feeds/", "/feeds/commitments.rss", "/feeds/commitments.atom/", "/api/schema", "/api/docs/x", "/livez/", "/readyz/",
    "/metrics", "/.env", "/favicon.ico", "/robots.txt", f"/{'a/' * 1000}", f"/{'a' * 3000}",
]  # fmt: skip
HEADERS = {  # name: (values, whether the answer is the usual one all the same)
    "Accept": (["", "*", "text/html", "application/xml", "a" * 3000, "application/json;q=x", "*/*;q=0", ",,,", "\xff", "application/json, " * 500], False),
    "Accept-Language": (["", "*", "xx", "a" * 3000, "en;q=x", "\xff", "ar,en;q=0.5", "../../etc"], True),
    "Accept-Encoding": (["", "*", "br;q=x", "a" * 3000, "identity;q=0", "\xff", "gzip, gzip, gzip"], True),
    "If-None-Match": (["", '"', "W/", "a" * 3000, "\xff", '"x", ' * 300, "W/W/x"], True),
    "If-Modified-Since": (["", "0", "yesterday", "Thu, 32 Foo 9999 99:99:99 GMT", "a" * 3000, "\xff", "9" * 300], True),
    "If-Match": (["x", '"x"'], False),
    "Range": (["bytes=0-0", "bytes=-1", "bytes=9-1", "bytes=" + "0-," * 300, "lines=1", "\xff"], True),
    "Origin": (["null", "http://x", "\xff", "a" * 3000, "javascript:alert(1)"], True),
    "Host": (["", "x", "x:99999999", "testserver:a", "testserver\xff", "a" * 3000, "[::1", "testserver, x"], False),
    "X-Request-ID": (["", "a", "a" * 3000, "\xff" * 10, 'id"\\"x', "<script>alert(1)</script>"], True),
    "X-Forwarded-For": (["", "x", "1.2.3.4", "1.2.3.4, " * 300, "\xff", "::1", "' OR 1=1"], True),
    "X-Forwarded-Host": (["evil.example", "\xff"], True),
    "X-Forwarded-Proto": (["https", "x"], True),
    "X-HTTP-Method-Override": (["DELETE", "POST"], True),
    "Forwarded": (["for=1.2.3.4;host=x", "\xff"], True),
    "Cookie": (["sessionid=x", "a" * 3000, "\xff", "=;=;", "csrftoken=' OR 1", "django_language=xx"], True),
    "Authorization": (["Basic x", "Bearer " + "a" * 3000, "\xff"], True),
    "Referer": (["\xff", "a" * 3000], True),
    "User-Agent": (["", "\xff", "${jndi:ldap://x}", "a" * 3000], True),
    "Connection": (["close", "upgrade"], True),
    "Content-Type": (["", "x", "text/xml", "application/json; charset=x", "multipart/form-data", "a" * 3000, "\xff"], True),
    "Content-Length": (["", "0", "-1", "x", "9" * 30, "1"], False),
    "Transfer-Encoding": (["chunked", "x"], False),
}  # fmt: skip


def encoded(value: str | bytes) -> str:
    """A value as it stands in a query."""
    return value.decode("latin-1") if isinstance(value, bytes) else quote(value, safe=",")


def _day(value: str) -> bool:
    try:
        return bool(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value)) and bool(datetime.date.fromisoformat(value))
    except ValueError:
        return False


def _moment(value: str) -> bool:
    found = re.fullmatch(r"(.{10})T([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})", value)
    if not found:
        return _day(value)
    try:
        datetime.time.fromisoformat(found[2] + found[3].replace("Z", "+00:00"))
    except ValueError:
        return False
    return _day(found[1])


def fits(schema: dict, value: str) -> bool | None:
    """Whether a value is one that the OpenAPI document allows; None where the document alone can't say."""
    if "$ref" in schema:
        schema = shapes.SCHEMAS[schema["$ref"].rpartition("/")[2]]
    if "items" in schema:
        values = value.split(",")
        return len(values) <= schema["maxItems"] and all(fits(schema["items"], each) for each in values)
    if re.search(r"[\x00-\x1f\x7f]", value):
        return False
    if "enum" in schema:
        return value in schema["enum"]
    if "anyOf" in schema:
        return _moment(value)
    match schema:
        case {"type": "boolean"}:
            return value in ("true", "false")
        case {"type": "integer", "minimum": least, "maximum": most}:
            return bool(re.fullmatch("0|[1-9][0-9]*", value)) and least <= int(value) <= most
        case {"format": "date"}:
            return _day(value)
        case {"format": "cursor"}:
            return False
        case {"minLength": least, "maxLength": longest}:  # a query, whose grammar is its own
            return None if least <= len(value) <= longest else False
        case {"pattern": pattern, "maxLength": longest}:
            return len(value) <= longest and bool(re.fullmatch(pattern, value))
    raise AssertionError(schema)


def queries(operations: dict[str, dict], some: int) -> Iterator[tuple[str, str, str, str, bool | None]]:
    """Of every address, every parameter with `some` bad values of every kind: (kind, path, query, parameter, whether it is right after all)."""
    chance = random.Random(6)
    for path, operation in operations.items():
        for parameter in operation["parameters"]:
            if parameter["in"] != "query":
                continue
            name = parameter["name"]
            for kind, values in VALUES.items():
                for value in chance.sample(values, min(some, len(values))):
                    yield kind, path, f"{name}={encoded(value)}", name, allowed(parameter, value)
            for kind, written in SHAPES.items():
                for each in written:
                    yield kind, path, each.replace("{}", name), name, False


def allowed(parameter: dict, value: str | bytes) -> bool | None:
    if isinstance(value, bytes):
        return None  # what it reads as is for the server to say
    if (parameter["name"], value) in (("ordering", "relevance"), ("matches", "true")):
        return False  # without q
    return fits(parameter["schema"], value)
