"""A small export of every format, made up, in the exact form of the service; and what must not leave it.

Each holds what the importer has to keep apart: a skip, a repeat, a second way to spell a field, a row that is
no listen. `SECRETS` are the addresses, names, agents, places and devices in them.
"""

from __future__ import annotations

import json

SECRETS = (
    *("jane_doe", "jane@example.org", "203.0.113.9", "2001:db8", "SecretAgent", "Smalltown", "12.345678"),
    *("iPhone12,1", "SM-G960F", "SecretPlayer", "Private video", "secretdevice"),
)

_SPOTIFY = {
    "ts": "2024-03-01T10:03:30Z",
    "username": "jane_doe",
    "platform": "Android OS 10 API 29 (samsung, SM-G960F)",
    "ms_played": 200_000,
    "conn_country": "DE",
    "ip_addr": "203.0.113.9",
    "ip_addr_decrypted": "203.0.113.9",
    "user_agent_decrypted": "SecretAgent",
    "city": "Smalltown",
    "latitude": 12.345678,
    "master_metadata_track_name": "Song",
    "master_metadata_album_artist_name": "Artist",
    "master_metadata_album_album_name": "Album",
    "spotify_track_uri": "spotify:track:1",
    "episode_name": None,
    "episode_show_name": None,
    "spotify_episode_uri": None,
    "audiobook_title": None,
    "audiobook_uri": None,
    "audiobook_chapter_uri": None,
    "audiobook_chapter_title": None,
    "reason_start": "clickrow",
    "reason_end": "trackdone",
    "shuffle": False,
    "skipped": False,
    "offline": False,
    "offline_timestamp": 1709287200,
    "incognito_mode": False,
}
_NO_SONG = dict.fromkeys(
    ("master_metadata_track_name", "master_metadata_album_artist_name", "spotify_track_uri")
)
_EPISODE = _SPOTIFY | _NO_SONG | {"episode_name": "Part 1", "spotify_episode_uri": "spotify:episode:1"}
_CHAPTER = _SPOTIFY | _NO_SONG | {"audiobook_uri": "spotify:show:2", "audiobook_title": "Book"}
_SPOTIFY_ROWS = [
    _SPOTIFY,
    _SPOTIFY | {"ts": "2024-03-01T10:03:31Z", "ms_played": 0, "reason_end": "fwdbtn"},
    _EPISODE | {"episode_show_name": "Show"},
    _CHAPTER | {"audiobook_chapter_uri": "spotify:episode:3", "audiobook_chapter_title": "One"},
    _SPOTIFY | {"ts": "never", "platform": "iOS 14.4 (iPhone12,1)"},
]
_PLAYED = {"endTime": "2024-03-01 10:03", "artistName": "Artist", "trackName": "Song", "msPlayed": 0}
_ACCOUNT = [
    _PLAYED,
    _PLAYED,
    _PLAYED | {"endTime": "2024-03-01 10:07", "msPlayed": 200_000},
    {"endTime": "2024-03-01 11:00", "podcastName": "Show", "episodeName": "Part 1", "msPlayed": 60_000},
    _PLAYED | {"endTime": "2024-03-01", "username": "jane_doe"},
]


def _scrobble(at: str, title: str = "Song") -> dict[str, object]:
    names = {"artist": {"mbid": "", "#text": "Artist"}, "album": {"mbid": "", "#text": "Album"}}
    link = "https://www.last.fm/user/jane_doe"
    return {
        **names,
        "name": title,
        "mbid": "",
        "url": link,
        "date": {"uts": at, "#text": "01 Mar 2024, 10:00"},
    }


_PLAYING = {"artist": {"#text": "Artist"}, "name": "Now", "@attr": {"nowplaying": "true"}}
_PAGES = [
    {"track": [_PLAYING, _scrobble("1709287400"), _scrobble("1709287200")], "@attr": {"user": "jane_doe"}},
    {"track": _scrobble("1709287000", "Older"), "@attr": {"user": "jane_doe"}},
]
MBID = "c7d0bf6e-b2aa-4ffa-bded-2448415b39b0"


def _listen(at: object, **info: object) -> dict[str, object]:
    names = {"artist_name": "Artist", "track_name": "Song", "release_name": "Album"}
    info |= {"media_player": "SecretPlayer", "submission_client": "SecretAgent"}
    mapping = {"recording_mbid": MBID, "artist_mbids": [MBID]} if info.get("isrc") else None
    track = {**names, "additional_info": info, "mbid_mapping": mapping}
    return {"inserted_at": 1.5, "listened_at": at, "user_name": "jane_doe", "track_metadata": track}


_LISTENS = [
    _listen(1709287200, isrc="GB-AYE-81-00053", duration_ms=206_760, duration_played=100),
    _listen(1709287500, duration=180),
    _listen(1709287700),
    _listen(None),
]


def _maloja(at: int, length: int | None, duration: int | None) -> dict[str, object]:
    album = {"artists": ["Artist"], "albumtitle": "Album"}
    track = {"artists": ["Artist", "Guest"], "title": "Song", "album": album, "length": length}
    return {"time": at, "track": track, "duration": duration, "origin": "client:secretdevice"}


_PANO = {
    "timeMs": 1709287200000,
    "track": "Song",
    "artist": "Artist",
    "album": "Album",
    "albumArtist": "Artist",
    "durationMs": 200_000,
    "mediaPlayerName": "SecretPlayer",
    "mediaPlayerVersion": "1",
}
_WATCHED = {
    "header": "YouTube Music",
    "title": "Watched Song",
    "titleUrl": "https://music.youtube.com/watch?v=abcdefghijk",
    "subtitles": [{"name": "Artist - Topic", "url": "https://www.youtube.com/channel/jane_doe"}],
    "time": "2024-03-01T10:00:00.123Z",
    "products": ["YouTube"],
    "activityControls": ["YouTube watch history"],
}
_YOUTUBE = [
    _WATCHED,
    _WATCHED | {"title": "Song angesehen", "time": "2024-03-01T11:00:00.123Z"},
    _WATCHED | {"header": "YouTube", "title": "Watched Private video", "subtitles": [{"name": "jane_doe"}]},
    {name: _WATCHED[name] for name in ("header", "products")}
    | {"title": "Watched a video that has been removed", "time": "2024-03-01T12:00:00Z"},
]
_APPLE_HEADER = (
    "Song Name,Album Name,Container Artist Name,Event Start Timestamp,Event End Timestamp,Event Type,"
    "End Reason Type,Play Duration Milliseconds,Media Duration In Milliseconds,Client IP Address,"
    "Device Identifier,Device Type,Device OS Name,IP City,IP Country Code,IP Latitude,Apple ID Number\n"
)
_APPLE_TAIL = "203.0.113.9,secretdevice,IPHONE,iOS,Smalltown,DE,12.345678,jane@example.org\n"

EXPORTS: dict[str, str] = {
    "podcast_users": "user_id,signup_date,country\njane_doe,2024-01-01,DE\njane_doe,never,DE\n",
    "podcast_episodes": (
        "episode_id,podcast_id,title,release_date,duration_seconds\nep,pod,Part 1,2024-01-01,60\n"
    ),
    "podcast_log_json": (
        '{"event_type":"play","user_id":"jane_doe","episode_id":"ep","timestamp":"2024-01-01T00:00:00"}\n'
        '{"event_type":"dance","user_id":"jane_doe","episode_id":"ep","timestamp":"2024-01-01T00:00:00"}\n'
    ),
    "podcast_log_csv": (
        "event_type,user_id,episode_id,timestamp\nplay,jane_doe,ep,2024-01-01T00:00:01\n,jane_doe,,\n"
    ),
    "podcast_downloads": (
        "time,ip,user_agent,method,url,status\n"
        "2024-01-01T00:00:00Z,2001:db8::1,Mozilla,GET,https://x/jane_doe/ep.mp3,200\n"
        "never,203.0.113.9,SecretAgent,GET,https://x/jane_doe/ep.mp3,200\n"
    ),
    "apple_daily_tracks": 'Country,Date Played,Track Description\nDE,20240301,"Artist - Song"\n',
    "apple_library": json.dumps([{"Title": "Song", "Artist": "Artist", "Track Identifier": 1}]),
    "spotify_history": json.dumps(_SPOTIFY_ROWS, indent=2),
    "spotify_account": json.dumps(_ACCOUNT),
    "lastfm_csv": (
        "uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid\n"
        '"1709287400","01 Mar 2024, 10:03","Artist","","Album","","Song",""\n'
        '"1709287200","01 Mar 2024, 10:00","Artist","","Album","","Song",""\n'
        '"","","Artist","","","","Song",""\n'
    ),
    "lastfm_json": json.dumps(_PAGES),
    "lastfm_1k": (
        f"jane_doe\t2024-03-01T10:00:00Z\t\tArtist\t{MBID}\tSong\njane_doe\tnever\t\tArtist\t\tSong\n"
    ),
    "lastfm_minutes": (
        'Artist,"Al ""bum""",Song,01 Mar 2024 10:00\nArtist,,Song,"01 Mar 2024, 10:05"\nA,B,T,soon\n'
    ),
    "listenbrainz": "".join(json.dumps(row) + "\n" for row in _LISTENS),
    "listenbrainz_json": json.dumps({"payload": {"user_id": "jane_doe", "listens": _LISTENS}}),
    "listenbrainz_array": json.dumps(_LISTENS),
    "maloja": json.dumps(
        {
            "maloja": {"export_time": 1},
            "scrobbles": [_maloja(1709287200, 220, None), _maloja(1709287500, None, 90)],
        }
    ),
    "librefm": (
        "+ACM- Data export from Libre.fm,,,\n+ACM- jane_doe,,,\nArtist,Track,Album,Time\n"
        "Artist,So+AC0-ng,Album,1709287200\nArtist,Song,,2024-03-01 10:05:00\nArtist,Song,,\n"
    ),
    "scrobbler_log": (
        "#AUDIOSCROBBLER/1.1\n#TZ/UNKNOWN\n#CLIENT/SecretAgent\n#ARTIST\t#ALBUM\t#TITLE\n"
        f"Artist\tAlbum\tSong\t1\t259\tL\t1709287200\t{MBID}\n"
        "Artist\tAlbum\tSong\t1\t259\tS\t1709287500\tsomething\n"
        "<Untagged>\t\tUnknown.mp3\t0\t180\tL\t1709287700\t\n"
    ),
    "panoscrobbler": "".join(
        json.dumps(_PANO | more) + "\n" for more in ({}, {"timeMs": 0}, {"event": "love"})
    ),
    "youtube_music": json.dumps(_YOUTUBE),
    "apple_music": _APPLE_HEADER
    + "Song,Album,,2024-03-01T10:00:00Z,2024-03-01T10:03:20Z,PLAY_END,NATURAL_END_OF_TRACK,200000,200000,"
    + _APPLE_TAIL
    + "Song,Album,Band,,2024-03-01T10:04:00.5Z,PLAY_END,TRACK_SKIPPED_FORWARDS,30000,200000,"
    + _APPLE_TAIL
    + "Song,Album,Band,,2024-03-01T10:05:00Z,LYRIC_DISPLAY,,,,"
    + _APPLE_TAIL
    + "Song,Album,Band,,2024-03-01T10:06:00Z,PLAY_END,,-5,,"
    + _APPLE_TAIL,
}
