"""The formats that an import reads: one file each, all of them in `FORMATS`.

The order is that of processing (what others refer to comes first) and of recognition (the first that fits).
"""

from __future__ import annotations

from producer.importers.format import Format
from producer.importers.formats import (
    apple_music,
    lastfm,
    lastfm_1k,
    lastfm_minutes,
    librefm,
    listenbrainz,
    maloja,
    panoscrobbler,
    podcast,
    scrobbler_log,
    spotify,
    spotify_account,
    youtube_music,
)

FORMATS: tuple[Format, ...] = (
    podcast.USERS,
    podcast.EPISODES,
    podcast.LOG_JSON,
    podcast.LOG_CSV,
    podcast.DOWNLOADS,
    apple_music.DAILY,
    apple_music.LIBRARY,
    spotify.FORMAT,
    spotify_account.FORMAT,
    lastfm.TABLE,
    lastfm.PAGES,
    lastfm_1k.FORMAT,
    lastfm_minutes.FORMAT,
    listenbrainz.LINES,
    listenbrainz.PAGES,
    listenbrainz.ARRAY,
    maloja.FORMAT,
    librefm.FORMAT,
    scrobbler_log.FORMAT,
    panoscrobbler.FORMAT,
    youtube_music.FORMAT,
    apple_music.ACTIVITY,
)
