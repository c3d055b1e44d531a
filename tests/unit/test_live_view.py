"""What readers see: a snapshot and the deltas after it are the next snapshot."""

from __future__ import annotations

import json
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from serving.live.document import Delta, Snapshot
from serving.live.happening import End, Start, Track
from serving.live.live import Live
from serving.live.rising import Riser
from serving.live.view import FEED, View, Views, applied, difference

T0 = 1_800_000_000
COUNTRIES = ["SE", "DE", None]
_users, _countries = st.sampled_from([f"u{n}" for n in range(30)]), st.sampled_from(COUNTRIES)
_ago = st.integers(0, 400).map(lambda ms: ms / 8)  # eighths: not every time is a whole millisecond


@st.composite
def moments(draw: st.DrawFn) -> list[list[Start | End]]:
    """What is heard between one tick and the next."""
    ticks, number = [], 0
    for tick in range(draw(st.integers(2, 6))):
        heard: list[Start | End] = []
        for _ in range(draw(st.integers(0, 25))):
            number += 1
            user, country, at = draw(_users), draw(_countries), T0 + 20 * tick - draw(_ago)
            track = Track(draw(st.sampled_from("uvw")), "T", "A")
            if draw(st.booleans()):
                heard.append(
                    Start(user, f"p{number}", country, at, track, None, draw(st.sampled_from([5.0, 60.0])))
                )
            else:
                ended = f"p{draw(st.integers(0, number))}"
                heard.append(End(user, ended, country, at, None, track, counts=True))
        ticks.append(heard)
    return ticks


@settings(max_examples=30)
@given(moments(), st.sampled_from(COUNTRIES), st.booleans())
def test_whoever_follows_has_what_a_new_reader_gets(
    ticks: list[list[Start | End]], country: str | None, rises: bool
) -> None:
    live = Live(600, 10_000)
    views: list[View] = []
    for tick, heard in enumerate(ticks):
        live.hear(heard, T0 + 20 * tick)
        live.advance(T0 + 20 * tick)
        if rises and len(live.tracks) > tick % 3:
            live.charted(5, {country: [Riser(tick % 3, 12, 3.456, 1.234)]}, 11)
        views.append(
            Views(live, {"lag": {"events": tick % 2, "seconds": 0.0}, "rebuilding": False}).of(country)
        )
    followed = views[0]
    for before, after in pairwise(views):
        changed = json.loads(json.dumps({"at": after["at"], **difference(before, after)}))
        Delta.model_validate({"type": "delta", "seq": 1, **changed})
        followed = applied(followed, changed)
        assert followed == after
        assert len(after["feed"]) <= FEED
    Snapshot.model_validate({"type": "snapshot", "seq": 1, **views[0]})


def test_nothing_new_is_no_delta() -> None:
    live = Live(600, 10)
    live.advance(T0)
    before = Views(live, {"lag": {}, "rebuilding": True}).of()
    live.advance(T0 + 1)
    after = Views(live, {"lag": {}, "rebuilding": True}).of()
    assert difference(before, after) == {}
    assert before["at"] != after["at"]
