"""Who plays what now: whatever comes in which order and how often, as counting it all again says."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from serving.live.happening import End, Start, Track
from serving.live.playing import LONGEST_S, RETAIN_S, USUAL_S, NowPlaying

TRACK = Track("t", "Jóga", "Björk")
T0 = 1_800_000_000


@dataclass(frozen=True)
class Told:
    """An event and when it is heard."""

    event: Start | End
    heard_at: float


@st.composite
def stories(draw: st.DrawFn) -> list[Told]:
    """Plays of a few listeners; starts and ends late and twice, never by more than is remembered."""
    told = []
    for number in range(draw(st.integers(0, 12))):
        user, country = draw(st.sampled_from(["a", "b", "c"])), draw(st.sampled_from(["SE", "DE", None]))
        at = T0 + draw(st.integers(0, 1_200)) + draw(st.sampled_from([0.0, 0.25]))
        length = draw(st.sampled_from([None, -5.0, 30.0, 200.0, 5_000.0]))
        start = Start(user, f"p{number:02}", country, at, TRACK, None, length)
        events: list[Start | End] = [start] * draw(st.integers(0, 2))
        if draw(st.booleans()):
            ended_at = at + draw(st.integers(1, 300))
            began = draw(st.sampled_from([at, None]))
            end = End(user, start.play_id, country, ended_at, began, TRACK, counts=True)
            events += [end] * draw(st.integers(1, 2))
        told += [Told(event, event.at + draw(st.integers(0, RETAIN_S - 1))) for event in events]
    return sorted(draw(st.permutations(told)), key=lambda each: each.heard_at)


def counted_again(told: list[Told], now: int) -> set[tuple[str, str]]:
    """(user, play): each listener's latest start, unless it has ended or its length is over."""
    ended = {each.event.play_id for each in told if isinstance(each.event, End)}
    latest: dict[str, Start] = {}
    for start in (each.event for each in told if isinstance(each.event, Start)):
        before = latest.get(start.user_id)
        if before is None or (start.at, start.play_id) > (before.at, before.play_id):
            latest[start.user_id] = start
    return {
        (start.user_id, start.play_id)
        for start in latest.values()
        if start.play_id not in ended and math.ceil(start.at + _length(start)) > now
    }


def _length(start: Start) -> float:
    return USUAL_S if start.seconds is None or start.seconds <= 0 else min(start.seconds, LONGEST_S)


@settings(max_examples=60)
@given(stories(), st.integers(20, 400))
def test_now_is_what_counting_it_all_again_says(told: list[Told], step: int) -> None:
    playing, heard = NowPlaying(), list[Told]()
    for now in range(T0 - 1, T0 + 7_000, step):
        while len(heard) < len(told) and told[len(heard)].heard_at <= now:
            event = told[len(heard)].event
            if isinstance(event, Start):
                playing.start(event, event.track)
            else:
                playing.end(event)
            heard.append(told[len(heard)])
        playing.advance(now)
        assert {(each.user_id, each.play_id) for each in playing} == counted_again(heard, now)
        assert sum(playing.listeners().values()) == len(playing)
    assert len(playing._latest) == len(playing._ended) == 0  # what is over is forgotten


def test_a_country_has_its_own_and_the_newest_come_first() -> None:
    playing = NowPlaying()
    playing.advance(T0)
    for number, country in enumerate(["SE", "DE", "SE", "DE", "SE"]):
        playing.start(Start(f"u{number}", f"p{number}", country, T0 + number, TRACK, "phone", 100), TRACK)
    assert playing.listeners() == {"SE": 3, "DE": 2}
    assert [each.user_id for each in playing.newest(2)] == ["u4", "u3"]
    assert [each.user_id for each in playing.newest(2, "DE")] == ["u3", "u1"]
    assert playing.newest(2, "FR") == []


def test_an_end_is_of_its_play_alone() -> None:
    playing = NowPlaying()
    playing.advance(T0)
    start = Start("u", "p1", "SE", T0, TRACK, None, 100)
    playing.start(start, TRACK)
    playing.start(start._replace(play_id="p2", at=T0 + 10), TRACK)
    playing.end(End("u", "p1", "SE", T0 + 10, T0, TRACK, counts=True))
    assert [each.play_id for each in playing] == ["p2"]
    assert playing._ended == {}  # an older start would change nothing: nothing to remember
    assert replace(next(iter(playing)), device="x").track is TRACK


def test_what_was_read_partition_by_partition_is_settled_into_the_order_it_began() -> None:
    playing = NowPlaying()
    # The first partition holds the latest starts, and all of the second is told after it.
    for number, ago in enumerate([1, 2, 3, 60, 61, 62]):
        country = "SE" if number % 2 else "DE"
        playing.start(Start(f"u{number}", f"p{number}", country, T0 - ago, TRACK, None, 200.0), TRACK)
    assert [entry.user_id for entry in playing.newest(3)] == ["u3", "u4", "u5"]
    playing.settle()
    assert [entry.user_id for entry in playing.newest(3)] == ["u0", "u1", "u2"]
    assert [entry.user_id for entry in playing.newest(2, "DE")] == ["u0", "u2"]
    late = Start("late", "p9", "SE", T0 - 30, TRACK, None, 200.0)
    playing.start(late, TRACK)  # from now on, told last is told last
    assert [entry.user_id for entry in playing.newest(2)] == ["u0", "late"]
