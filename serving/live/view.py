"""What a reader sees: one document a country and tick, and the difference between two of them.

`applied(view, difference(view, next)) == next`, so that whoever has a snapshot and follows the deltas has
what a new reader gets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from serving.live.live import Charted, Live
from serving.live.playing import Playing
from serving.live.rising import WINDOWS

FEED = 20
TOP = 10
View = dict[str, Any]
_DIFFERENCES = ("countries", "rising", "feed")


def iso(moment: float) -> str:
    """Epoch seconds as text, to the millisecond."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def played(entry: Playing) -> dict[str, Any]:
    """One listener's play, as REST and feeds show it."""
    return {
        "user_id": entry.user_id,
        "play_id": entry.play_id,
        "country": entry.country,
        "device": entry.device,
        "track_id": entry.track.track_id,
        "track_title": entry.track.title,
        "artist_name": entry.track.artist,
        "started_at": iso(entry.started_at),
        "ends_at": iso(entry.ends_at),
    }


def charted(found: list[Charted]) -> list[dict[str, Any]]:
    """Rising tracks, as REST and feeds show them."""
    return [
        {
            "rank": rank,
            "track_id": each.track.track_id,
            "track_title": each.track.title,
            "artist_name": each.track.artist,
            "listeners": each.listeners,
            "expected": each.expected,
            "score": each.score,
        }
        for rank, each in enumerate(found, 1)
    ]


class Views:
    """The views of one moment; what all of them share is counted once."""

    def __init__(self, live: Live, state: Mapping[str, Any]) -> None:
        self._live, self._state = live, dict(state)
        self._listening = live.playing.listeners()
        self._plays = live.plays_last_minute()

    def of(self, country: str | None = None) -> View:
        """The view of a country, or of the world."""
        everywhere = country is None
        listening = len(self._live.playing) if everywhere else self._listening.get(country, 0)
        plays = sum(self._plays.values()) if everywhere else self._plays.get(country, 0)
        view: View = {
            "at": iso(self._live.now),
            "country": country,
            "listening": listening,
            "plays_per_minute": plays,
            "plays_by_minute": self._live.plays_by_minute(country),
            "totals": {name: self._live.totals[name] for name in ("started", "plays", "skips")},
            **self._state,
            "rising": {
                str(minutes): charted(self._live.rising(minutes, country)[:TOP]) for minutes in WINDOWS
            },
            "feed": _ordered(played(entry) for entry in self._live.newest(FEED, country)),
        }
        if everywhere:
            view["countries"] = self._countries()
        return view

    def _countries(self) -> dict[str, dict[str, int]]:
        known = sorted({*self._listening, *self._plays} - {None}, key=str)
        return {
            str(country): {
                "listening": self._listening.get(country, 0),
                "plays_per_minute": self._plays.get(country, 0),
            }
            for country in known
        }


def difference(before: View, after: View) -> View:
    """What has changed, besides `at`; empty when nothing has."""
    changed = {
        name: value
        for name, value in after.items()
        if name != "at" and name not in _DIFFERENCES and before.get(name) != value
    }
    for name in ("countries", "rising"):
        if name in after and (parts := _parts(before[name], after[name])):
            changed[name] = parts
    feed = _feed(before["feed"], after["feed"])
    if feed["added"] or feed["removed"]:
        changed["feed"] = feed
    return changed


def applied(view: View, changed: View) -> View:
    """`view` with the changes of a delta; what else the delta says (`seq`, `at`) replaces as it is."""
    found = {**view, **{name: value for name, value in changed.items() if name not in _DIFFERENCES}}
    for name in ("countries", "rising"):
        if name in changed:
            merged = {**view[name], **changed[name]}
            found[name] = {key: value for key, value in merged.items() if value is not None}
    if "feed" in changed:
        gone = set(changed["feed"]["removed"])
        kept = [each for each in view["feed"] if each["play_id"] not in gone]
        found["feed"] = _ordered([*kept, *changed["feed"]["added"]])
    return found


def _ordered(feed: Iterable[View]) -> list[View]:
    """Each play once, latest start first."""
    found = sorted({each["play_id"]: each for each in feed}.values(), key=lambda each: str(each["play_id"]))
    return sorted(found, key=lambda each: str(each["started_at"]), reverse=True)


def _parts(before: View, after: View) -> View:
    changed = {key: value for key, value in after.items() if before.get(key) != value}
    return {**changed, **{key: None for key in before if key not in after}}


def _feed(before: list[View], after: list[View]) -> View:
    were = {each["play_id"]: each for each in before}
    are = {each["play_id"] for each in after}
    added = [each for each in after if were.get(each["play_id"]) != each]
    replaced = {each["play_id"] for each in added} & were.keys()
    return {"added": added, "removed": sorted((were.keys() - are) | replaced)}
