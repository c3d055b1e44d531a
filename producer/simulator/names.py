"""Plausible, invented names: patterns filled with words, each name only once."""

from __future__ import annotations

from collections.abc import Sequence
from string import Formatter

import numpy as np

from producer.simulator import words

_WORDS = {
    "adjective": [word.capitalize() for word in words.ADJECTIVES],
    "noun": [word.capitalize() for word in words.NOUNS],
    "other": [word.capitalize() for word in words.NOUNS],
    "verb": [word.capitalize() for word in words.VERBS],
    "place": words.PLACES,
    "forename": words.FORENAMES,
    "surname": words.SURNAMES,
    "collective": words.COLLECTIVES,
    "subject": words.SUBJECTS,
}

ARTISTS = (
    "The {adjective} {noun}s",
    "{forename} {surname}",
    "{forename} {surname}",
    "{adjective} {noun}",
    "{place} {collective}",
    "{forename} & the {noun}s",
    "DJ {noun}",
    "{noun} {collective}",
)
TRACKS = (
    "{adjective} {noun}",
    "{verb} the {noun}",
    "{noun} in {place}",
    "{verb} Me Past the {noun}",
    "{adjective} {noun}, {adjective_two} {other}",
    "Don't {verb} the {noun}",
    "{noun} and {other}",
    "No {adjective} {noun} Tonight",
    "{place} {noun}",
    "When I {verb} the {noun}",
)
ALBUMS = (
    "The {noun} Sessions",
    "{adjective} {noun}s",
    "{adjective} Nights in {place}",
    "{noun} / {other}",
    "The {noun} of {place}",
    "Everything {adjective} in {place}",
)
PODCASTS = (
    "The {subject} Hour",
    "{subject} Before Breakfast",
    "Mostly {subject}",
    "{forename} Talks {subject}",
    "The {adjective} {subject} Show",
    "{subject} from {place}",
)
EPISODES = (
    "The {adjective} {noun}",
    "How to {verb} the {noun}",
    "Who Owns the {noun}?",
    "{forename} {surname} on {subject}",
    "A Night in {place}",
    "{subject}, Explained with One {noun}",
    "The {noun} Problem",
)


def invent(rng: np.random.Generator, patterns: Sequence[str], count: int) -> list[str]:
    """`count` different names, each from one of `patterns`; a name met again gets a number."""
    fields = [[name for _, name, _, _ in Formatter().parse(pattern) if name] for pattern in patterns]
    chosen = rng.integers(0, len(patterns), count)
    draws = rng.integers(0, 2**31, (count, 4))
    seen: dict[str, int] = {}
    return [
        _once(patterns[which].format_map(_filling(fields[which], row)), seen)
        for which, row in zip(chosen.tolist(), draws.tolist(), strict=True)
    ]


def _filling(fields: list[str], draws: list[int]) -> dict[str, str]:
    pools = [_WORDS[field.removesuffix("_two")] for field in fields]
    return {field: pool[draw % len(pool)] for field, pool, draw in zip(fields, pools, draws, strict=False)}


def _once(name: str, seen: dict[str, int]) -> str:
    seen[name] = times = seen.get(name, 0) + 1
    return name if times == 1 else f"{name} No. {times}"
