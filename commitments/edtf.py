"""EDTF (ISO 8601-2), the part that the register keeps: the earliest and latest day of a form, in Python and in SQL."""

import re
from calendar import monthrange
from datetime import date
from typing import NamedTuple

# What may follow the year → its first and last month; 14 is February of the next year. Which months a season has
# depends on the hemisphere, which no text says: so three of them have the year's bounds, and winter runs into the next.
MONTHS = (
    {f"{month:02}": (month, month) for month in range(1, 13)}
    | {"21": (1, 12), "22": (1, 12), "23": (1, 12), "24": (1, 14)}
    | {str(33 + quarter): (3 * quarter + 1, 3 * quarter + 3) for quarter in range(4)}
    | {str(37 + third): (4 * third + 1, 4 * third + 4) for third in range(3)}
    | {"40": (1, 6), "41": (7, 12)}
)
SEASONS = ("21", "22", "23", "24")
# A day that its month has in every year, as nearly all are: the database needs no more than this to tell what it means.
PLAIN = "^(?!0000)[0-9]{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)$"
SIMPLE = "([0-9]{2}(?:[0-9]{2}|[0-9]X|XX))(?:-([0-9]{2})(?:-([0-9]{2}))?)?[~?%]?"
FORMS = (
    "YYYY, YYYY-MM, YYYY-MM-DD, decade 203X, century 20XX, season YYYY-21 to 24, quarter YYYY-33 to 36, third YYYY-37 "
    "to 39, half YYYY-40 or 41, each with ~, ? or % after it; a/b, ../b, a/.., /b, a/; [a..b], [..b], [a..]"
)
OPEN = ".."
ENDLESS = ("", OPEN)  # what stands for an end that is unknown, or open


class Days(NamedTuple):
    """The first and the last day that a date can mean; None where that end is open or unknown."""

    earliest: date | None
    latest: date | None


def sides(edtf: str) -> tuple[str, str]:
    """A form's two ends, "" or ".." where it has none; a simple date is both its ends.

    >>> sides("2031/.."), sides("[..2031-03]"), sides("203X")
    (('2031', '..'), ('..', '2031-03'), ('203X', '203X'))
    """
    if edtf.startswith("[") and edtf.endswith("]") and ".." in edtf:
        first, _, last = edtf[1:-1].partition("..")
        return first or OPEN, last or OPEN
    first, slash, last = edtf.partition("/")
    return (first, last) if slash else (edtf, edtf)


def bounds(edtf: str) -> Days:
    """The earliest and latest day of an EDTF form; "" (no date) has none. ValueError saying why, for anything else."""
    if not edtf:
        return Days(None, None)
    ends = sides(edtf)
    days = [None if end in ENDLESS else _simple(end) for end in ends]
    if days == [None, None]:
        raise ValueError(f"EDTF {edtf!r}: neither end is a date; leave it empty where no date is known")
    first, last = days
    if first and last and first.earliest > last.latest:
        raise ValueError(f"EDTF {edtf!r}: {ends[0]} is later than {ends[1]}; give the earlier end first")
    return Days(first and first.earliest, last and last.latest)


def _simple(edtf: str) -> Days:
    """The bounds of one date without ends."""
    match = re.fullmatch(SIMPLE, edtf)
    if not match:
        raise ValueError(f"EDTF {edtf!r} is none of the forms kept here: {FORMS}")
    year, code, day = match.groups()
    first_year, last_year = int(year.replace("X", "0")), int(year.replace("X", "9"))
    first, last = MONTHS.get(code or "", (1, 12))
    if first_year == 0:
        raise ValueError(f"EDTF {edtf!r}: there is no year 0; the earliest is 0001, 001X or 01XX")
    if code and first_year != last_year:
        raise ValueError(f"EDTF {edtf!r}: a decade or century has no {code}; write {year}")
    if code and code not in MONTHS:
        raise ValueError(f"EDTF {edtf!r}: {code} is no month (01 to 12), season, quarter, third or half")
    if last > 12:
        last_year, last = last_year + 1, last - 12
    if last_year > 9999:
        raise ValueError(f"EDTF {edtf!r} ends after the year 9999, the last one kept")
    length = monthrange(last_year, last)[1]
    if day is None:
        return Days(date(first_year, first, 1), date(last_year, last, length))
    if int(code) > 12:
        raise ValueError(f"EDTF {edtf!r}: only a month (01 to 12) has days, {code} has none")
    if not 1 <= int(day) <= length:
        raise ValueError(f"EDTF {edtf!r}: {year}-{code} has the days 01 to {length}; correct the day, or leave it out")
    return Days(*[date(first_year, first, int(day))] * 2)


_CASES = " ".join(f"WHEN '{code}' THEN ARRAY[{first}, {last}]" for code, (first, last) in MONTHS.items())
_HEAD = "LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp"
_WITHIN = "LANGUAGE sql IMMUTABLE PARALLEL SAFE"  # such a function becomes a part of what asks, so that a plain day calls none

# public.edtf_earliest(text) and public.edtf_latest(text) → date: the bounds above, for CHECK constraints. NULL for '',
# NULL and an end that is open or unknown; check_violation for what `bounds` refuses. No session setting has a say.
SQL = f"""\
CREATE OR REPLACE FUNCTION public.edtf_simple(edtf text, OUT earliest date, OUT latest date) {_HEAD} AS $edtf$
DECLARE
  parts text[] := regexp_match(edtf COLLATE "C", '^{SIMPLE}$');
  first_year integer := replace(parts[1], 'X', '0');
  last_year integer := replace(parts[1], 'X', '9');
  months integer[] := CASE coalesce(parts[2], '') WHEN '' THEN ARRAY[1, 12] {_CASES} END;
BEGIN
  IF parts IS NULL OR months IS NULL OR first_year = 0 OR (parts[2] <> '' AND first_year <> last_year)
     OR last_year + (months[2] > 12)::integer > 9999 THEN
    RAISE EXCEPTION 'EDTF "%" is none of the forms kept here', edtf USING ERRCODE = 'check_violation';
  END IF;
  earliest := make_date(first_year, months[1], 1);
  latest := make_date(last_year + (months[2] - 1) / 12, (months[2] - 1) % 12 + 1, 1)
            + make_interval(months => 1, days => -1);
  IF parts[3] IS NOT NULL THEN
    IF months[1] <> months[2] OR parts[3]::integer NOT BETWEEN 1 AND latest - earliest + 1 THEN
      RAISE EXCEPTION 'EDTF "%": there is no such day', edtf USING ERRCODE = 'check_violation';
    END IF;
    earliest := earliest + (parts[3]::integer - 1);
    latest := earliest;
  END IF;
END $edtf$;
CREATE OR REPLACE FUNCTION public.edtf_bounds(edtf text, OUT earliest date, OUT latest date) {_HEAD} AS $edtf$
DECLARE
  ends text[];
  dated boolean[];
BEGIN
  IF coalesce(edtf, '') = '' THEN RETURN; END IF;
  ends := coalesce(
    regexp_match(edtf COLLATE "C", '^\\[(.*?)\\.\\.(.*)\\]$'), regexp_match(edtf COLLATE "C", '^([^/]*)/(.*)$'), ARRAY[edtf, edtf]);
  dated := ARRAY[ends[1] NOT IN ('', '..'), ends[2] NOT IN ('', '..')];
  IF dated[1] THEN earliest := (public.edtf_simple(ends[1])).earliest; END IF;
  IF dated[2] THEN latest := (public.edtf_simple(ends[2])).latest; END IF;
  IF NOT (dated[1] OR dated[2]) OR earliest > latest THEN
    RAISE EXCEPTION 'EDTF "%": neither end is a date, or the first is the later one', edtf
      USING ERRCODE = 'check_violation';
  END IF;
END $edtf$;
CREATE OR REPLACE FUNCTION public.edtf_day(edtf text) RETURNS date {_WITHIN} AS $edtf$
  SELECT CASE WHEN edtf COLLATE "C" OPERATOR(pg_catalog.~) '{PLAIN}' THEN pg_catalog.make_date(pg_catalog.left(edtf, 4)::integer,
    pg_catalog.substr(edtf, 6, 2)::integer, pg_catalog.right(edtf, 2)::integer) END $edtf$;
CREATE OR REPLACE FUNCTION public.edtf_earliest(text) RETURNS date {_WITHIN} AS
  $edtf$ SELECT coalesce(public.edtf_day($1), (public.edtf_bounds($1)).earliest) $edtf$;
CREATE OR REPLACE FUNCTION public.edtf_latest(text) RETURNS date {_WITHIN} AS
  $edtf$ SELECT coalesce(public.edtf_day($1), (public.edtf_bounds($1)).latest) $edtf$;
"""
