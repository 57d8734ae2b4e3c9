"""Values that the lines of all formats are composed of, and the shape of what is expected.

A line and its expectation are made of the same values by the format strings that the projects
document. Nothing here asks the parser under test.
"""

from datetime import datetime, timedelta, timezone

UTC = timezone.utc
COUNT = 20

# Moments with their nanoseconds below the microsecond: ends of years and months, a leap day, the
# first and the last moment of a day, and times that differ in one digit.
_MOMENTS = [
    "2026-11-21T10:00:00.123456", "2026-11-21T10:00:00.000001", "2024-02-29T23:59:59.999999",
    "2025-12-31T23:59:59.500000", "2026-01-01T00:00:00.000000", "2026-03-29T02:30:00.250000",
    "2026-10-25T02:30:00.750000", "2026-06-30T12:34:56.789012", "2026-07-04T04:05:06.070809",
    "2026-08-08T08:08:08.080808", "2026-09-09T19:09:09.909090", "2025-10-10T20:10:10.101010",
    "2025-11-11T11:11:11.111111", "2025-12-12T12:12:12.121212", "2026-02-28T23:00:00.300000",
    "2026-04-30T15:16:17.180000", "2026-05-05T05:05:05.050505", "2026-11-01T01:02:03.004005",
    "2026-11-09T09:09:09.990000", "2026-11-20T22:33:44.556677",
]
MOMENTS = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in _MOMENTS]

# The same for forms without a year: each is the latest of its name before the lines are read.
YEARLESS = [moment.replace(year=2026) if moment.month in (10, 11) else moment
            for moment in MOMENTS]

# Minutes ahead of UTC, odd and negative ones included.
OFFSETS = [0, 60, -300, 345, -210, 840, -720, 330, 0, 120]

MESSAGES = [
    "Server started", "user 42 signed in", "disk usage at 91%",
    "connection to 2001:db8::1 port 443 refused", "caf\u00e9 \u00fcber \u4f60\u597d \U0001f600",
    'said "hello" and \'goodbye\'', "path C:\\temp\\new and /var/tmp/x", "a=b c=d retries=3",
    "no such file or directory (os error 2)", "an ERROR in the middle is no level",
    "[bracketed] text: with colons: and more", "<b>not html</b> &amp; %s %d {0}",
    "tab\tinside", "x", "two  blanks   three", "ends with a colon:", "took 12.5ms, status=200 - ok",
    "https://example.com/a?b=c&d=%20#e", "long " + "word " * 80 + "end", "2026-01-01 is a date",
]

WORDS = ["main", "http-nio-8080-exec-1", "worker 3", "pool-1-thread-12", "\u00e9tage"]
CLIENTS = ["10.0.0.1", "2001:db8::7", "203.0.113.99", "::1", "client.example.com"]


def nanos(moment):
    """Nanoseconds since 1970."""
    seconds = int((moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1))
    return seconds * 1_000_000_000 + moment.microsecond * 1000


def cut(moment, digits):
    """The moment with so many digits of its second."""
    unit = 10 ** (6 - digits) if digits <= 6 else 1
    return moment.replace(microsecond=moment.microsecond // unit * unit)


def fraction(moment, digits, point="."):
    """The fraction of the second with its point; nothing for no digits."""
    return "" if digits == 0 else f"{point}{moment.microsecond * 1000:09d}"[: digits + 1]


def stamp(moment, form, digits=0, point=".", tail=""):
    """A moment in UTC by a form of strftime, its fraction behind it."""
    return moment.strftime(form) + fraction(moment, digits, point) + tail


def zoned(moment, minutes, form="%Y-%m-%dT%H:%M:%S", digits=3, colon=":", point="."):
    """The moment in a zone that is so many minutes ahead of UTC."""
    local = moment.astimezone(timezone(timedelta(minutes=minutes)))
    sign, ahead = ("-", -minutes) if minutes < 0 else ("+", minutes)
    return stamp(local, form, digits, point) + f"{sign}{ahead // 60:02d}{colon}{ahead % 60:02d}"


def shown(moment):
    """The moment as an expectation has it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + fraction(moment, 9) + "Z"


def record(moment, level, message, module="", fields=(), **more):
    """What a line has to become; fields that are None are left out, as absent parts are."""
    found = {"time": shown(moment) if moment else None, "level": level, "module": module}
    found["message"] = message
    found["fields"] = [[name, value] for name, value in fields if value is not None]
    found.update({name: value for name, value in more.items() if value is not None})
    return found


def arrival(text):
    """The fields of a record whose time could not be settled."""
    return [("time", text), ("time_source", "arrival")]


def pick(values, number):
    """The values in turn."""
    return values[number % len(values)]
