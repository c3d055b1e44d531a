"""The arithmetic of pacing against a model that remembers every event."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from producer.backlog import LIMIT_BYTES, LIMIT_EVENTS, Backlog

GRAIN = 32_768
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.integers(min_value=83, max_value=400_000)),
        st.tuples(st.just("commit"), st.integers(min_value=0, max_value=100)),
    ),
    max_size=120,
)


@settings(derandomize=True, max_examples=300)
@given(base=st.integers(min_value=0, max_value=10**9), steps=STEPS)
def test_pending_is_never_below_the_truth_and_at_most_a_grain_and_an_event_above(
    base: int, steps: list[tuple[str, int]]
) -> None:
    backlog, sizes, committed = Backlog(base, base), [], 0
    for step, number in steps:
        if step == "send":
            sizes.append(number)
            backlog.add(number)
        else:
            committed += (len(sizes) - committed) * number // 100
            backlog.refresh(base + len(sizes), base + committed)
            truth = sum(sizes[committed:])
            assert truth <= backlog.pending_bytes <= truth + GRAIN + max(sizes, default=0)
    if not backlog.has_room(number := 100):
        backlog.refresh(base + len(sizes), base + committed)
        assert sum(sizes[committed:]) + number + GRAIN + max(sizes) > LIMIT_BYTES


def test_a_full_partition_has_room_again_when_the_sink_commits() -> None:
    backlog = Backlog(100, 100)
    while backlog.has_room(1_000):
        backlog.add(1_000)
    sent = LIMIT_BYTES // 1_000
    backlog.refresh(100 + sent, 100)
    assert not backlog.has_room(1_000)
    backlog.refresh(100 + sent, 100 + sent)
    assert backlog.pending_bytes <= GRAIN


def test_many_small_events_fill_a_partition_too() -> None:
    backlog = Backlog(0, 0)
    for _ in range(LIMIT_EVENTS):
        backlog.add(1)
    assert not backlog.has_room(1)
    backlog.refresh(LIMIT_EVENTS, 1)
    assert backlog.has_room(1)


def test_what_lay_there_before_counts_until_it_is_committed() -> None:
    backlog = Backlog(10_000, 0)
    assert not backlog.has_room(1)
    backlog.refresh(10_000, 10_000)
    assert backlog.has_room(1)


def test_what_others_publish_counts_at_our_mean_size() -> None:
    backlog = Backlog(0, 0)
    for _ in range(100):
        backlog.add(500)
    backlog.refresh(end=1_100, committed=0)
    assert backlog.pending_bytes == 1_100 * 500
    backlog.refresh(end=1_100, committed=1_100)
    assert backlog.pending_bytes <= GRAIN


def test_a_sink_ahead_of_an_old_view_does_no_harm() -> None:
    backlog = Backlog(0, 0)
    backlog.add(500)
    backlog.refresh(end=0, committed=5)
    assert backlog.has_room(LIMIT_BYTES - 500)
