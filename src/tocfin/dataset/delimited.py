"""CSV to the letter: UTF-8, comma, RFC 4180 quotes, LF or CRLF, every record as long as the header (R19, R22).

The structure of the bytes is checked whole-array with NumPy; only then does polars cut out the fields, as text.
"""

from __future__ import annotations

import csv
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.catalogue import Table
from tocfin.dataset.findings import more
from tocfin.dataset.header import places
from tocfin.dataset.listing import LIMITS
from tocfin.dataset.tables import Raw, unread

LONGEST_HEADER = 131_072
_BOM = b"\xef\xbb\xbf"
_LF, _CR, _COMMA, _QUOTE = b'\n\r,"'


class _Records(NamedTuple):
    """Where each record begins and ends in the bytes, the line it starts on, and how many fields it has."""

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    line: NDArray[np.int64]
    width: NDArray[np.int64]


def read_delimited(table: Table, file: str, data: bytes) -> Raw:
    """One CSV file as text columns; what breaks the format is noted in the result's findings."""
    raw = unread(table, file)
    data = data.removeprefix(_BOM)
    if not data:
        raw.fault("unreadable", "is empty; a table starts with a header line")
        return raw
    if _undecodable(raw, data):
        return raw
    array = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(array == _QUOTE)
    if _misquoted(raw, array, quotes) or _bare_return(raw, array, quotes):
        return raw
    records = _records(array, quotes)
    if records.end[0] > LONGEST_HEADER:
        raw.fault("unreadable", f"its header is longer than {LONGEST_HEADER:,} bytes; this is not a table", row=1)
        return raw
    header = next(
        csv.reader([data[: records.end[0]].decode().removesuffix("\n").removesuffix("\r")], strict=True), [""]
    )
    place = places(raw, header)
    if len(header) < 2 or not place:
        return raw
    keep = records.width[1:] == len(header)
    if not keep.all():
        _ragged(raw, records, keep, len(header))
        lengths = records.end[1:] - records.start[1:]
        data = array[records.start[1] :][np.repeat(keep, lengths)].tobytes() if keep.any() else b""
    else:
        raw.whole = True
        data = data[records.end[0] :]
    lines = pl.Series("row", records.line[1:][keep], dtype=pl.Int64)
    if not data:
        raw.frame = pl.DataFrame([lines, *(pl.Series(name, [], dtype=pl.String) for name in place)])
        return raw
    if data.startswith(_BOM):
        data = _BOM + data  # polars would take the first text's own mark for that of a file
    text = pl.read_csv(data, has_header=False, infer_schema=False, quote_char='"' if quotes.size else None)
    raw.frame = pl.DataFrame([lines, *(text.to_series(index).alias(name) for name, index in place.items())])
    return raw


def _line(data: bytes, place: int) -> int:
    return data.count(b"\n", 0, place) + 1


def _undecodable(raw: Raw, data: bytes) -> bool:
    """Notes a NUL or bytes that are not UTF-8."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raw.fault("not-utf8", "is UTF-16 text; save it as 'CSV UTF-8'", row=1)
        return True
    if (place := data.find(b"\0")) >= 0:
        raw.fault("nul-byte", "holds a NUL byte; this is not a text file", row=_line(data, place))
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        byte = f"0x{data[error.start]:02x}"
        message = f"is not UTF-8 text (byte {byte}); save it as 'CSV UTF-8'"
        raw.fault("not-utf8", message, row=_line(data, error.start))
        return True
    return False


def _outside(place: NDArray[np.int64], quotes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those places that no pair of quotes encloses."""
    return place[np.searchsorted(quotes, place) % 2 == 0] if quotes.size else place


def _misquoted(raw: Raw, array: NDArray[np.uint8], quotes: NDArray[np.int64]) -> bool:
    """Notes the first quote where none may be: RFC 4180 quotes a whole field and doubles the quotes inside."""
    if not quotes.size:
        return False
    padded = np.concatenate([[_LF], array, [_LF, _LF]])  # quote at place p is padded[p + 1]
    opens, closes = quotes[0::2], quotes[1::2]
    before = padded[opens]
    after, next_after = padded[closes + 2], padded[closes + 3]
    wrong_open = ~np.isin(before, (_COMMA, _LF, _QUOTE))
    # A quote straight after a quote goes on inside the same field only if that one closed it.
    ends = np.isin(after, (_COMMA, _LF, _QUOTE)) | ((after == _CR) & (next_after == _LF))
    faults = [
        (int(place), "a quote stands inside a field that does not start with one") for place in opens[wrong_open][:1]
    ]
    faults += [(int(place), "text follows a closing quote") for place in closes[~ends][:1]]
    if faults:
        place, reason = min(faults)
    elif quotes.size % 2:
        place, reason = int(quotes[-1]), "a quote is never closed"
    else:
        return False
    start = _record_start(array, quotes, place)
    line = int(np.count_nonzero(array[:start] == _LF)) + 1
    raw.fault("quoting", f"{reason}; quote the whole field and double the quotes inside it", row=line)
    return True


def _record_start(array: NDArray[np.uint8], quotes: NDArray[np.int64], place: int) -> int:
    breaks = _outside(np.flatnonzero(array[:place] == _LF), quotes)
    return int(breaks[-1]) + 1 if breaks.size else 0


def _bare_return(raw: Raw, array: NDArray[np.uint8], quotes: NDArray[np.int64]) -> bool:
    """Notes the first carriage return that no line feed follows."""
    returns = _outside(np.flatnonzero(array == _CR), quotes)
    if not returns.size:
        return False
    bare = returns[(returns + 1 == array.size) | (array[np.minimum(returns + 1, array.size - 1)] != _LF)]
    if not bare.size:
        return False
    line = int(np.count_nonzero(array[: bare[0]] == _LF)) + 1
    raw.fault("bare-return", "has a carriage return without a line feed; end lines with LF or CRLF", row=line)
    return True


def _records(array: NDArray[np.uint8], quotes: NDArray[np.int64]) -> _Records:
    feeds = np.flatnonzero(array == _LF)
    end = _outside(feeds, quotes) + 1
    if not end.size or end[-1] != array.size:
        end = np.append(end, array.size)
    start = np.concatenate([[0], end[:-1]])
    line = np.searchsorted(feeds, start) + 1 if quotes.size else np.arange(1, start.size + 1)
    commas = _outside(np.flatnonzero(array == _COMMA), quotes)
    width = np.diff(np.searchsorted(commas, end), prepend=0) + 1
    return _Records(start, end, line, width)


def _ragged(raw: Raw, records: _Records, keep: NDArray[np.bool_], wanted: int) -> None:
    wrong = np.flatnonzero(~keep) + 1
    for record in wrong[: LIMITS["error"]]:
        count = int(records.width[record])
        told = (
            "is a blank line"
            if records.end[record] - records.start[record] <= 2 and count == 1
            else f"has {count} field(s)"
        )
        raw.fault("ragged-row", f"{told}; the header has {wanted}", row=int(records.line[record]))
    raw.findings.extend(more(raw.findings[-1], wrong.size - LIMITS["error"]))
