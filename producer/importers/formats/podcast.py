"""A podcast's own files: its app's event log, users and episodes, and its server's log of requests."""

from __future__ import annotations

from producer.importers import download_log, podcast_log, podcast_reference
from producer.importers.format import Format
from producer.importers.json_rows import flat_json_lines
from producer.importers.text_rows import comma_separated

_LOG = {"event_type", "user_id", "episode_id", "timestamp"}
_REQUEST = {"time", "ip", "user_agent", "method", "url", "status"}

USERS = Format(
    kind="podcast_users",
    title="Podcast app: its users",
    usually="users.csv",
    fits=lambda head: head.header >= {"user_id", "signup_date"},
    read=comma_separated,
    convert=podcast_reference.convert_users,
)
EPISODES = Format(
    kind="podcast_episodes",
    title="Podcast app: its episodes",
    usually="episodes.csv",
    fits=lambda head: head.header >= {"episode_id", "podcast_id", "title"},
    read=comma_separated,
    convert=podcast_reference.convert_episodes,
)
LOG_JSON = Format(
    kind="podcast_log_json",
    title="Podcast app: event log, JSON lines",
    usually="event_logs.json",
    fits=lambda head: head.first == "{" and head.keys >= _LOG,
    read=flat_json_lines,
    convert=podcast_log.convert,
)
LOG_CSV = Format(
    kind="podcast_log_csv",
    title="Podcast app: event log, CSV",
    usually="event_logs.csv",
    fits=lambda head: head.header >= _LOG,
    read=comma_separated,
    convert=podcast_log.convert,
)
DOWNLOADS = Format(
    kind="podcast_downloads",
    title="Podcast server: log of requests, CSV",
    usually="downloads.csv",
    fits=lambda head: head.header >= _REQUEST,
    read=comma_separated,
    convert=download_log.convert,
)
