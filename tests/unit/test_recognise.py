"""A file is what its content says, whatever its name."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from producer.importers.recognise import Kind, UnrecognisedError, recognise

OLD_SPOTIFY = (
    b'[{"ts":"2014-01-02T03:04:05Z","username":"x","master_metadata_track_name":"a","ip_addr_decrypted":"1"}]'
)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b'[{"ts":"x","ms_played":1,"spotify_track_uri":null,"audiobook_uri":null}]', Kind.SPOTIFY),
        (OLD_SPOTIFY, Kind.SPOTIFY),
        (b'\xef\xbb\xbf [ null, {"ts": 1, "spotify_episode_uri": "e"', Kind.SPOTIFY),
        (
            b'{"event_type":"play","user_id":"u","episode_id":"e","timestamp":"t","duration":1}\n',
            Kind.PODCAST_LOG_JSON,
        ),
        (b'"event_type","user_id","episode_id","timestamp","duration"\r\n', Kind.PODCAST_LOG_CSV),
        (b"user_id,signup_date,country\n", Kind.PODCAST_USERS),
        (b"Episode_ID, podcast_id,title,release_date,duration_seconds\n", Kind.PODCAST_EPISODES),
        (b"u\t2009-05-04T23:08:57Z\t\tA\t\tT\n", Kind.LASTFM),
        (b"broken line\nu\t2009-05-04T23:08:57Z\t\tA \xff\t\tT\n", Kind.LASTFM),
    ],
)
def test_content_tells_the_kind(head: bytes, kind: Kind) -> None:
    assert recognise(head) is kind


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"[]", "a JSON array, but not"),
        (b'[{"endTime":"2023-04-09 03:55","msPlayed":1}]', "extended streaming history"),
        (b'{"ts":"x","spotify_track_uri":"y"}', "is a JSON array"),
        (b'{"a":1}', "neither"),
        (b"a\tb\tc\n", "six columns"),
        (b"hello\n", "of no kind"),
        (b"\x89PNG\r\n\x1a\n", "of no kind"),
    ],
)
def test_what_is_not_recognised_is_described(head: bytes, says: str) -> None:
    with pytest.raises(UnrecognisedError, match=says):
        recognise(head)


@given(st.binary(max_size=300))
@example(b'"')
@example(b"\r")
@example(b"\x00,\x00")
def test_any_bytes_are_recognised_or_described(head: bytes) -> None:
    with suppress(UnrecognisedError):
        assert recognise(head) in Kind
