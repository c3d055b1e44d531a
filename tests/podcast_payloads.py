"""Payloads of podcast events that are nearly right, in the ways JSON can be written."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from contracts.events import TOPICS

PODCAST = {
    "event_id": "01939c5e-7d2b-7000-8000-000000000001",
    "schema_version": 1,
    "user_id": "sim-000001",
    "occurred_at": "2026-11-21T13:00:00.123Z",
    "source": "simulator",
    "country": "US",
    "episode_id": "e1",
    "action": "play",
    "position_ms": 12,
}
ODD_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.just({"a": [1, '":', None]}),
    st.sampled_from(
        ["US\n", "us", "play", "seek", "x" * 200, "x" * 201, 'a":b', "null", "\u2028", "é" * 150]
    ),
    st.sampled_from(["2026-02-30T00:00:00.000Z", "2026-11-21T25:00:00.000Z", "2026-11-21T13:00:60.000Z"]),
    st.sampled_from(["2026-11-21T13:00:00Z", "2026-11-21T13:00:00.123+02:00", "9999-12-31T23:59:59.999Z"]),
    st.sampled_from(["0000-01-01T00:00:00.000Z", "0001-01-01T00:00:00.000Z", "2024-02-29T23:59:59.999Z"]),
    st.sampled_from(
        ["01939C5E-7D2B-7000-8000-000000000001", "0" * 32, "01939c5e-7d2b-7000-8000-00000000000g"]
    ),
    st.sampled_from([2**31 - 1, 2**31, 2**63 - 1, 2**63, -(2**63), 0, -1]),
)
FIELDS = st.sampled_from([*TOPICS["podcast_events"].model_fields, "unknown"])
CHANGES = st.dictionaries(FIELDS, ODD_VALUES, max_size=3)


@st.composite
def payloads(draw: st.DrawFn) -> bytes:
    """An event with some fields changed, left out or said twice, in one of the ways JSON can be written."""
    event = {**PODCAST, **draw(CHANGES)}
    for name in draw(st.sets(FIELDS, max_size=2)):
        event.pop(name, None)
    separators = draw(st.sampled_from([(",", ":"), (", ", ": ")]))
    text = json.dumps(
        event,
        separators=separators,
        ensure_ascii=draw(st.booleans()),
        indent=draw(st.sampled_from([None, 1])),
    )
    if draw(st.booleans()):
        again = json.dumps(draw(CHANGES))
        text = text.rstrip()[:-1] + ("," if event and again != "{}" else "") + again[1:]
    raw = text.encode("utf-8", "surrogatepass")
    return raw[: draw(st.integers(0, len(raw)))] if draw(st.integers(0, 9)) == 0 else raw


@st.composite
def alike(draw: st.DrawFn) -> list[bytes]:
    """Events written in one way, each with odd values of its own, and some bytes of them changed."""
    fields = {**PODCAST, **draw(CHANGES)}
    separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,  ", "  :   "), ("," + " " * 90, ":")]))
    found = []
    for _ in range(draw(st.integers(1, 6))):
        event = {
            name: draw(ODD_VALUES) if draw(st.integers(0, 5)) == 0 else value
            for name, value in fields.items()
        }
        raw = json.dumps(event, separators=separators, ensure_ascii=draw(st.booleans())).encode(
            "utf-8", "replace"
        )
        found.append(_slip(draw, raw) if draw(st.integers(0, 3)) == 0 else raw)
    return found


def _slip(draw: st.DrawFn, raw: bytes) -> bytes:
    """A byte put in, taken out or changed."""
    place = draw(st.integers(0, len(raw) - 1))
    other = draw(st.sampled_from([b"", b'"', b",", b"}", b"{", b" ", b"0", b"-", b"\\", b"\n", b"x", b":"]))
    return raw[:place] + other + raw[place + draw(st.integers(0, 1)) :]


def is_text(value: bytes) -> bool:
    """Whether it is UTF-8."""
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
