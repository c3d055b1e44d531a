"""What a file is, by its content: never by its name."""

from __future__ import annotations

from producer.importers.format import Format
from producer.importers.formats import FORMATS
from producer.importers.formats.report import report_format
from producer.importers.head import HEAD_BYTES, Head
from producer.reports.recognise import recognise_report

__all__ = ["HEAD_BYTES", "UnrecognisedError", "recognise"]


class UnrecognisedError(Exception):
    """The content is of no kind that an import understands; the message says what it looks like."""


def recognise(head: bytes) -> Format:
    """The format of the file that begins with `head` (up to `HEAD_BYTES`); raises `UnrecognisedError`."""
    looked_at = Head(head)
    for known in FORMATS:
        if known.fits(looked_at):
            return known
    if report := recognise_report(head):
        return report_format(report)
    raise UnrecognisedError(_described(looked_at))


def _described(head: Head) -> str:
    if not head.text:
        return "the file is empty"
    if head.bytes.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16 text, but no platform's report (`backbeat import --help` lists them)"
    if head.first == "[":
        return "a JSON array, but not of a history's rows"
    if head.first == "{":
        return "a JSON object, but of no kind that can be imported"
    if any(len(line) > 1 for line in head.columns):
        return (
            "tab-separated, but no row has a Last.fm log's six columns (user, time, artist id, artist, "
            "track id, track)"
        )
    return "of no kind that can be imported (`backbeat import --help` lists them)"
