"""What the model is asked, and what is read out of its answer."""

from __future__ import annotations

import json
from collections.abc import Sequence

GENRES = (
    *("pop", "rock", "hip hop", "electronic", "folk", "jazz", "metal", "r&b", "classical", "country"),
    *("latin", "reggae", "indie", "ambient"),
)
MOODS = ("calm", "happy", "melancholic", "energetic", "dark", "romantic", "dreamy", "angry")
INSTRUCTION = (
    "You invent the catalogue of an imaginary music service. "
    "Answer with one JSON object and nothing else: no explanation, no code fence."
)
_REMINDED = 40
_BRACES_TRIED = 20


def question(artists: int, tracks: int, genre: str, known: Sequence[str]) -> str:
    """Ask for so many artists of a genre, with so many tracks each, other than those `known`."""
    example = {"artists": [{"name": "…", "genre": genre, "mood": MOODS[0], "tracks": ["…", "…"]}]}
    return (
        f"Invent {artists} artists of the genre {genre!r}, each with exactly {tracks} different track titles "
        f"in its style. The mood of an artist is one of: {', '.join(MOODS)}. "
        "Use names and languages from all over the world; no artist or song that exists. "
        f"Not these names, they are taken: {json.dumps(list(known[-_REMINDED:]), ensure_ascii=False)}. "
        f"The form: {json.dumps(example, ensure_ascii=False)}"
    )


def artists_in(answer: str) -> list[object]:
    """The artists in an answer, unjudged; ValueError where there is no JSON object with such.

    Whatever stands around the object (a code fence, thoughts, politeness) is passed over.
    """
    decoder = json.JSONDecoder()
    start = -1
    for _ in range(_BRACES_TRIED):
        start = answer.find("{", start + 1)
        if start < 0:
            break
        try:
            found, _ = decoder.raw_decode(answer, start)
        except (json.JSONDecodeError, RecursionError):
            continue
        if isinstance(found, dict) and isinstance(found.get("artists"), list):
            return list(found["artists"])
    raise ValueError("no JSON object with artists")
