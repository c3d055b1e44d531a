"""A file is what its content says, whatever its name."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from producer.importers.formats import FORMATS
from producer.importers.recognise import UnrecognisedError, recognise
from tests.exports import EXPORTS

OLD_SPOTIFY = (
    b'[{"ts":"2014-01-02T03:04:05Z","username":"x","master_metadata_track_name":"a","ip_addr_decrypted":"1"}]'
)


def test_every_format_has_a_name_of_its_own_and_a_sample() -> None:
    kinds = [known.kind for known in FORMATS]
    assert len(set(kinds)) == len(kinds)
    assert {name.partition(" ")[0] for name in EXPORTS} == set(kinds)


@pytest.mark.parametrize("name", EXPORTS)
def test_a_sample_is_of_its_kind_and_of_no_other(name: str) -> None:
    body = EXPORTS[name].encode()
    assert recognise(body).kind == name.partition(" ")[0]
    assert recognise(b"\xef\xbb\xbf\n" + body).kind == name.partition(" ")[0]


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b'[{"ts":"x","ms_played":1,"spotify_track_uri":null,"audiobook_uri":null}]', "spotify_history"),
        (OLD_SPOTIFY, "spotify_history"),
        (b'\xef\xbb\xbf [ null, {"ts": 1, "spotify_episode_uri": "e"', "spotify_history"),
        (b'"event_type","user_id","episode_id","timestamp","duration"\r\n', "podcast_log_csv"),
        (b"Episode_ID, podcast_id,title,release_date,duration_seconds\n", "podcast_episodes"),
        (b"broken line\nu\t2009-05-04T23:08:57Z\t\tA \xff\t\tT\n", "lastfm_1k"),
        (b'{"listen_type":"import","payload":[{"listened_at":1,"track_metadata":{}}]}', "listenbrainz_json"),
    ],
)
def test_content_tells_the_kind(head: bytes, kind: str) -> None:
    assert recognise(head).kind == kind


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"[]", "a JSON array, but not"),
        (b'{"ts":"x","spotify_track_uri":"y"}', "a JSON object"),
        (b'{"a":1}', "a JSON object"),
        (b'{"lovedtracks":{"track":[{"name":"x","date":{"uts":"1","#text":"y"}}]}}', "a JSON object"),
        (b'{"listen_type":"playing_now","payload":[{"listened_at":1,"track_metadata":{}}]}', "a JSON object"),
        (b"a\tb\tc\n", "six columns"),
        (b"hello\n", "of no kind"),
        (b"Never,Gonna,Give,You,Up\nNever,Gonna,Let,You,Down\n", "of no kind"),
        (b"\x89PNG\r\n\x1a\n", "of no kind"),
        ("ts,title\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_what_is_not_recognised_is_described(head: bytes, says: str) -> None:
    with pytest.raises(UnrecognisedError, match=says):
        recognise(head)


@given(st.binary(max_size=300))
@example(b'"')
@example(b"\r")
@example(b"\x00,\x00")
@example(b"#")
def test_any_bytes_are_recognised_or_described(head: bytes) -> None:
    with suppress(UnrecognisedError):
        assert recognise(head) in FORMATS
