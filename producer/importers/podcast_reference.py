"""What lies beside a podcast app's log: its users (when they signed up, where) and its episodes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from producer.importers.context import Context
from producer.importers.converted import Accepted, Converted, Draft, Episode, Fault
from producer.importers.country import parse_country
from producer.importers.identity import identity
from producer.importers.landing_file import as_csv
from producer.importers.podcast_log import SOURCE, field, milliseconds, scalar, unreadable
from producer.importers.reading import Unreadable
from producer.importers.text_rows import Record
from producer.importers.timestamp import epoch_ms, parse_date

USERS_TOPIC = "auth_events"
EPISODES_TOPIC = "podcast_events"

_USER_FIELDS = ("user_id", "signup_date", "country")
_EPISODE_FIELDS = ("episode_id", "podcast_id", "title", "release_date", "duration_seconds")


def convert_users(rows: Iterable[Record], context: Context) -> Iterator[Converted]:
    """One `auth_events` registration (at 00:00 UTC of the day) or refusal per row."""
    for row in rows:
        yield unreadable(row, USERS_TOPIC) if isinstance(row, Unreadable) else _registration(row, context)


def convert_episodes(rows: Iterable[Record], _context: Context) -> Iterator[Converted]:
    """One row of the catalogue, or a refusal (kept among the podcast events), per row."""
    for row in rows:
        yield unreadable(row, EPISODES_TOPIC) if isinstance(row, Unreadable) else _episode(row)


def countries(rows: Iterable[Record]) -> dict[str, str]:
    """The file's own user → country, where it has one; of two rows of a user the last one holds."""
    found = {}
    for row in rows:
        if not isinstance(row, Unreadable):
            user, country = scalar(row, "user_id"), parse_country(scalar(row, "country") or "")
            if user and country:
                found[user] = country
    return found


def _registration(row: Mapping[str, object], context: Context) -> Converted:
    faults: list[Fault] = []
    user = field(row, "user_id", faults, "user")
    signed_up = field(row, "signup_date", faults, "signup_date")
    day = parse_date(signed_up) if signed_up else None
    if signed_up and day is None:
        faults.append(Fault("bad_signup_date", "signup_date"))
    occurred_at = f"{day}T00:00:00.000Z"
    moment = context.moment(occurred_at, faults, "signup_date") if day else None
    country = scalar(row, "country")
    if country and parse_country(country) is None:
        faults.append(Fault("unknown_country", "country"))
    user_id = context.pseudonyms.of(SOURCE, user) if user else None
    event_id = identity(epoch_ms(moment), SOURCE, "register", user_id, signed_up, country)
    kept = {name: row.get(name) for name in _USER_FIELDS} | {"user_id": user_id}
    fields = {
        "occurred_at": occurred_at,
        "country": parse_country(country or ""),
        "action": "register",
        "succeeded": True,
    }
    return Draft(USERS_TOPIC, SOURCE, event_id, user_id, kept, faults).event(fields)


def _episode(row: Mapping[str, object]) -> Converted:
    faults: list[Fault] = []
    episode_id = field(row, "episode_id", faults, "episode")
    podcast_id, title, released_on, duration = (scalar(row, name) for name in _EPISODE_FIELDS[1:])
    if released_on and parse_date(released_on) is None:
        faults.append(Fault("bad_release_date", "release_date"))
    duration_ms = milliseconds(duration, faults, "duration")
    facts = (episode_id, podcast_id, title, released_on, duration)
    kept = {name: row.get(name) for name in _EPISODE_FIELDS}
    draft = Draft(EPISODES_TOPIC, SOURCE, identity(0, SOURCE, "episode", *facts), None, kept, faults)
    if faults or episode_id is None:
        return draft.refuse(faults)
    episode = Episode(episode_id, podcast_id, None, title, released_on, duration_ms, SOURCE)
    return Accepted(draft.topic, None, None, draft.event_id.encode(), SOURCE, episode)


def catalogue_csv(episodes: Iterable[Episode]) -> bytes:
    """The catalogue as it lies in the lake: empty where unknown, ordered."""
    return as_csv(Episode._fields, episodes)
