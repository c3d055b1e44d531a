"""What a file is, by its content: never by its name."""

from __future__ import annotations

import csv
import re
from enum import StrEnum

# More than enough for a header, a first JSON object, or a hundred lines of a log.
HEAD_BYTES = 1 << 16

_JSON_KEY = re.compile(r'"([a-z_A-Z]+)"\s*:')
_LASTFM_COLUMNS = 6
_LASTFM_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)

_SPOTIFY_CONTENT = {"master_metadata_track_name", "spotify_track_uri", "spotify_episode_uri", "audiobook_uri"}
_LOG_FIELDS = {"event_type", "user_id", "episode_id", "timestamp"}


class Kind(StrEnum):
    """The kinds of file an import understands."""

    LASTFM = "lastfm_1k"
    SPOTIFY = "spotify_history"
    PODCAST_LOG_JSON = "podcast_log_json"
    PODCAST_LOG_CSV = "podcast_log_csv"
    PODCAST_USERS = "podcast_users"
    PODCAST_EPISODES = "podcast_episodes"
    PODCAST_DOWNLOADS = "podcast_downloads"


# The columns that a CSV file of each kind has at least; the first that fits.
_CSV_FIELDS = {
    Kind.PODCAST_LOG_CSV: _LOG_FIELDS,
    Kind.PODCAST_USERS: {"user_id", "signup_date"},
    Kind.PODCAST_EPISODES: {"episode_id", "podcast_id", "title"},
    Kind.PODCAST_DOWNLOADS: {"time", "ip", "user_agent", "method", "url", "status"},
}


class UnrecognisedError(Exception):
    """The content is of no kind that an import understands; the message says what it looks like."""


def recognise(head: bytes) -> Kind:
    """The kind of the file that begins with `head` (up to `HEAD_BYTES`); raises `UnrecognisedError`."""
    # A broken byte or a character cut at the end must not hide what the rest says: decoding is checked later.
    text = head.decode("utf-8-sig", errors="replace").lstrip()
    if not text:
        raise UnrecognisedError("the file is empty")
    if text[0] == "[":
        return _json_array(text)
    if text[0] == "{":
        return _json_object(text)
    header = _csv_header(text)
    for kind, fields in _CSV_FIELDS.items():
        if header >= fields:
            return kind
    return _tab_separated(text)


def _json_array(text: str) -> Kind:
    keys = set(_JSON_KEY.findall(text))
    if "ts" in keys and keys & _SPOTIFY_CONTENT:
        return Kind.SPOTIFY
    if {"endTime", "msPlayed"} <= keys:
        raise UnrecognisedError(
            "Spotify's short account-data history; ask Spotify for the extended streaming history"
        )
    raise UnrecognisedError("a JSON array, but not of the rows of Spotify's extended streaming history")


def _json_object(text: str) -> Kind:
    keys = set(_JSON_KEY.findall(text))
    if keys >= _LOG_FIELDS:
        return Kind.PODCAST_LOG_JSON
    if "ts" in keys and keys & _SPOTIFY_CONTENT:
        raise UnrecognisedError("a JSON object; Spotify's extended streaming history is a JSON array")
    raise UnrecognisedError("JSON, but neither an array of plays nor lines of podcast events")


def _csv_header(text: str) -> set[str]:
    line = text.split("\n", 1)[0]
    try:
        return {name.strip().lower() for row in csv.reader([line]) for name in row}
    except csv.Error:
        return set()


def _tab_separated(text: str) -> Kind:
    lines = [line.split("\t") for line in text.split("\n")]
    if any(len(line) == _LASTFM_COLUMNS and _LASTFM_TIME.fullmatch(line[1]) for line in lines):
        return Kind.LASTFM
    if any(len(line) > 1 for line in lines):
        raise UnrecognisedError(
            "tab-separated, but no row has a Last.fm log's six columns (user, time, artist id, artist, "
            "track id, track)"
        )
    raise UnrecognisedError("of no kind that can be imported (Spotify, Last.fm, podcast log)")
