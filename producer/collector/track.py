"""A listen's `track_metadata`, held to ListenBrainz's own rules."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import orjson

MOST_TAGS, LONGEST_TAG = 50, 64
LONGEST_S = 2_073_600  # 24 days
_SINGLE_MBIDS = ("release_mbid", "recording_mbid", "release_group_mbid", "track_mbid")
_MANY_MBIDS = ("artist_mbids", "work_mbids")
_NULL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # not a backslash that someone wrote before u0000

Info = dict[str, Any]


class InvalidListenError(Exception):
    """What ListenBrainz would not take; the sentence is the answer's `error`."""


def track_of(fields: Info, allowed: set[str]) -> Info:
    """The track's metadata, names stripped, ids in one spelling, `additional_info` always there."""
    if "track_metadata" not in fields:
        raise InvalidListenError("JSON document must contain the key track_metadata at the top level.")
    if set(fields) - allowed:
        raise InvalidListenError(
            f"JSON document may only contain {' and '.join(sorted(allowed))} top level keys."
        )
    track = dict(named(fields["track_metadata"], "track_metadata"))
    for name in ("track_name", "artist_name", "release_name"):
        _name(track, name, required=name != "release_name")
    info = track.get("additional_info")
    track["additional_info"] = _info(dict(named({} if info is None else info, "additional_info")))
    if _NULL.search(orjson.dumps(track)):
        raise InvalidListenError("JSON document contains a unicode null.")
    return track


def _name(track: Info, name: str, *, required: bool) -> None:
    if track.get(name) is None:
        if required:
            raise InvalidListenError(f"JSON document does not contain required field track_metadata.{name}.")
        return
    if not isinstance(track[name], str):
        raise InvalidListenError(f"track_metadata.{name} must be a single string.")
    track[name] = track[name].strip()
    if not track[name]:
        if required:
            raise InvalidListenError(f"field track_metadata.{name} is empty.")
        del track[name]


def _info(info: Info) -> Info:
    tags = info.get("tags") or []
    if not isinstance(tags, list) or len(tags) > MOST_TAGS:
        raise InvalidListenError(
            f"track_metadata.additional_info.tags must be a list of at most {MOST_TAGS}."
        )
    if any(not isinstance(tag, str) or len(tag) > LONGEST_TAG for tag in tags):
        raise InvalidListenError(f"a tag must be a text of at most {LONGEST_TAG} characters.")
    if info.get("duration") is not None and info.get("duration_ms") is not None:
        raise InvalidListenError("JSON document should not contain both duration and duration_ms.")
    for name in _SINGLE_MBIDS:
        info[name] = _mbid(info[name], name) if info.get(name) else None
    for name in _MANY_MBIDS:
        given = info.get(name) or []
        many = given if isinstance(given, list) else [given]
        info[name] = [_mbid(one, name) for one in many if one]
    return info


def _mbid(value: object, name: str) -> str:
    try:
        return str(UUID(value))  # type: ignore[arg-type]  # what is no text, it refuses
    except (ValueError, TypeError, AttributeError):
        raise InvalidListenError(f"{name} MBID format invalid.") from None


def length(info: Info, name: str, unit_ms: int) -> int | None:
    """The length that `name` says in units of `unit_ms`, in milliseconds; None where there is none."""
    if info.get(name) is None:
        return None
    try:
        units = int(info[name])
    except (ValueError, TypeError, OverflowError):
        units = 0
    if units <= 0 and name == "duration_played":
        return None
    if not 0 < units * unit_ms <= LONGEST_S * 1_000:
        raise InvalidListenError(
            f"Value for {name} is invalid: a positive integer, {LONGEST_S} seconds at most."
        )
    return units * unit_ms


def text_in(info: Info, *names: str) -> str | None:
    """The first of these that is a text which says something."""
    found = (info.get(name) for name in names)
    return next((value.strip() for value in found if isinstance(value, str) and value.strip()), None)


def named(value: object, what: str) -> Info:
    """`value`, which must be an object."""
    if not isinstance(value, dict):
        raise InvalidListenError(f"JSON document must contain an object for {what}.")
    return value
