"""Windows of plays, and what rises: as counting it all again says, whatever the order."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.live.happening import End, Track
from serving.live.live import AHEAD_S, Live
from serving.live.plays import Plays, country_number, country_of, packed
from serving.live.rising import PRIOR, Riser, rising, spans
from serving.live.tracks import Tracks

T0 = 1_800_000_000
HISTORY_S = 1_800

plays = st.builds(
    End,
    user_id=st.sampled_from("abcdefgh"),
    play_id=st.just("p"),
    country=st.sampled_from(["SE", "DE", None]),
    at=st.integers(T0 - HISTORY_S - 300, T0 + 100).map(float),
    began_at=st.none(),
    track=st.sampled_from([Track(name, name.upper(), "x") for name in "uvw"]),
    counts=st.booleans(),
)


def kept(events: list[End]) -> set[tuple[int, str | None, str, str, bool]]:
    """The distinct plays of the history, each as (second, country, track, user, counts)."""
    return {
        (int(each.at), each.country, each.track.track_id, each.user_id, each.counts)
        for each in events
        if each.track is not None and T0 - HISTORY_S < each.at <= T0 + AHEAD_S
    }


@settings(max_examples=50)
@given(st.lists(plays, max_size=60).flatmap(lambda some: st.permutations(some * 2)), st.integers(1, 20))
def test_a_window_is_what_counting_it_all_again_says(events: list[End], batch: int) -> None:
    live = Live(HISTORY_S, 1_000)
    live.advance(T0)
    for first in range(0, len(events), batch):
        live.hear(events[first : first + batch], T0)
        live.advance(T0)  # seals what is old: late ones fall into sealed seconds
    minute = {each for each in kept(events) if T0 - 60 < each[0] <= T0}
    assert live.plays_last_minute() == Counter(country for _, country, *_ in minute)
    assert len(live) == len(kept(events))
    assert live.left_out["outside"] == sum(not T0 - HISTORY_S < each.at <= T0 + AHEAD_S for each in events)
    recent, before = live.windows(5)
    assert len(before) == HISTORY_S // 300 - 1
    found = rising(recent, before, 1, 50)
    for country in (None, "SE", "DE"):
        shown = {
            (live.tracks[each.track].track_id, each.listeners, round(each.score, 9))
            for each in found.get(country, [])
        }
        assert shown == by_hand(kept(events), country)


def by_hand(
    found: set[tuple[int, str | None, str, str, bool]], country: str | None
) -> set[tuple[str, int, float]]:
    """(track, listeners, score) of what rises in 5 minutes, by the words of the definition."""
    people: list[Counter[str]] = []
    for first, last in spans(5, T0, T0 - HISTORY_S):
        window = {
            (track, where, user)
            for second, where, track, user, counts in found
            if counts and first <= second <= last and country in (None, where)
        }
        people.append(Counter(track for track, _, _ in window))
    now, then = people[0], sum(people[1:], Counter[str]())
    if not then:
        return set()
    share = now.total() / then.total()
    scores = {track: (n + PRIOR) / (then[track] * share + PRIOR) for track, n in now.items()}
    return {(track, now[track], round(score, 9)) for track, score in scores.items() if score > 1}


def test_what_does_not_grow_does_not_rise_and_bots_count_once() -> None:
    live = Live(3_600, 10**6)

    def played(track: str, user: str, at: int) -> End:
        return End(user, "p", "SE", T0 - at, None, Track(track, track, "x"), counts=True)

    steady = [played("steady", f"s{n}", 300 * window + n) for window in range(12) for n in range(40)]
    new = [played("new", f"n{n}", n) for n in range(30)]
    # Three accounts that play nothing else, every half minute, and only now.
    bots = [played("botted", f"bot{n}", second) for n in range(3) for second in range(0, 300, 30)]
    live.hear([*steady, *new, *bots], T0)
    live.advance(T0)
    recent, before = live.windows(5)
    found = rising(recent, before, 3, 50)
    shown = {live.tracks[each.track].track_id: each for each in found[None]}
    assert list(shown) == ["new", "botted"]
    assert (shown["new"].listeners, shown["botted"].listeners) == (30, 3)
    assert shown["new"].score == (30 + PRIOR) / (0 + PRIOR)
    live.charted(5, found, len(before))
    assert [each.track.track_id for each in live.rising(5, "SE")] == ["new", "botted"]
    assert live.rising(5, "DE") == []


def test_with_nothing_before_nothing_rises() -> None:
    live = Live(3_600, 10**6)
    live.known_since = T0 - 10
    live.hear([End(f"u{n}", "p", "SE", T0, None, Track("t", "t", "x"), counts=True) for n in range(99)], T0)
    live.advance(T0)
    recent, before = live.windows(5)
    assert before == []
    assert rising(recent, before, 1, 50) == {}


def test_too_many_plays_make_the_oldest_go() -> None:
    kept_plays = Plays(most=3)
    for second in range(6):
        kept_plays.add(second, packed(1, "SE", "u", counts=True))
    kept_plays.forget(0)
    assert len(kept_plays) == 3
    assert kept_plays.since == 3
    assert not kept_plays.add(2, packed(1, "SE", "u", counts=True))  # it would be counted in half a window
    assert kept_plays.count(0, 9) == {"SE": 3}


@pytest.mark.parametrize("country", [None, "AA", "SE", "ZZ"])
def test_a_country_is_a_number_and_back(country: str | None) -> None:
    assert country_of(country_number(country)) == country
    assert country_number(country) < 1 << 10


def test_numbers_of_tracks_go_round() -> None:
    tracks = Tracks(most=2)
    a, b, c = (Track(name, name, "x") for name in "abc")
    assert (tracks.number(a, 10), tracks.number(b, 20), tracks.number(a, 5)) == (0, 1, 0)
    assert tracks.number(c, 30) is None
    assert tracks.shared(Track("a", "a", "x")) is a
    assert tracks.shared(Track("a", "A", "x")) == Track("a", "A", "x")  # spelt in another way
    assert tracks.shared(c) is c
    tracks.sweep(before=15)
    assert tracks.number(c, 30) == 0
    assert (tracks[0], tracks[1], len(tracks)) == (c, b, 2)
    tracks.sweep(before=99)
    with pytest.raises(KeyError):
        tracks[0]


def test_a_live_path_whose_tracks_are_full_says_so() -> None:
    live = Live(600, 100, tracks=Tracks(most=0))
    live.hear([End("u", "p", "SE", T0, None, Track("t", "t", "x"), counts=True)], T0)
    assert live.left_out["tracks"] == 1
    assert Riser(0, 1, 2.0, 3.0).score == 3.0
