"""A catalogue that was written down: artists with genre, mood and titles, in a JSON file.

    {"version": 1, "model": "…", "artists": [{"name": "…", "genre": "…", "mood": "…", "tracks": ["…", …]}, …]}

A simulation that is given one takes its names from it; artists of a genre gather in one place, those of a
mood lean to one side of it. What the file has too little of comes from the default words.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)

from contracts.errors import BackbeatError
from producer.simulator.arrays import Floats, Ints


def _tidied(text: str) -> str:
    """One line of printable text in composed characters, without space around it."""
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    if not text or not text.isprintable():
        raise ValueError("must be one line of printable text")
    return text


Name = Annotated[str, Field(max_length=120), AfterValidator(_tidied)]
Label = Annotated[str, Field(max_length=40), AfterValidator(_tidied), AfterValidator(str.lower)]


class WrittenArtist(BaseModel):
    """One artist, with titles that differ in more than their case."""

    model_config = ConfigDict(frozen=True)

    name: Name
    genre: Label
    mood: Label
    tracks: Annotated[tuple[Name, ...], Field(min_length=1, max_length=1_000)]

    @property
    def titles(self) -> tuple[str, ...]:
        """The tracks, each once."""
        return tuple({title.casefold(): title for title in reversed(self.tracks)}.values())[::-1]


class WrittenCatalogue(BaseModel):
    """Artists in order; `model` is who wrote most of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    model: str = ""
    artists: tuple[WrittenArtist, ...] = ()

    @field_validator("artists")
    @classmethod
    def _nobody_twice(cls, artists: tuple[WrittenArtist, ...]) -> tuple[WrittenArtist, ...]:
        for name, times in Counter(artist.name.casefold() for artist in artists).most_common(1):
            if times > 1:
                raise ValueError(f"{name!r} stands there {times} times")
        return artists

    def as_json(self) -> str:
        """The file's text: the same catalogue, the same bytes."""
        return json.dumps(self.model_dump(), ensure_ascii=False, indent=1) + "\n"


def read_written(path: Path) -> WrittenCatalogue:
    """The catalogue in the file at `path`; `BackbeatError` names the file and what is wrong with it."""
    try:
        return WrittenCatalogue.model_validate_json(path.read_bytes())
    except OSError as error:
        raise BackbeatError(f"{path}: cannot be read: {error.strerror or error}") from error
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(map(str, problem["loc"])) or "the whole of it"
        raise BackbeatError(f"{path}: not a catalogue: {where}: {problem['msg']}") from None


def _opened(value: object) -> object:
    return read_written(Path(value)) if isinstance(value, str | Path) else value


# As a setting it is given by its path; what a simulation depends on is what is written there.
Written = Annotated[WrittenCatalogue | None, BeforeValidator(_opened)]


def centres(written: WrittenCatalogue | None, genres: Floats, drawn: Ints, leaning: float) -> Floats:
    """(artists, dimensions) what each artist is scattered around: one of `genres` (n, dimensions), by its
    number in `drawn` (artists,), or by what is written; a mood moves it by `leaning`."""
    found = genres[drawn]
    if written is None:
        return found
    known = written.artists[: len(drawn)]
    names = sorted({artist.genre for artist in known})
    for number, artist in enumerate(known):
        place = genres[names.index(artist.genre) % len(genres)]
        found[number] = place + leaning * _direction(artist.mood, len(place))
    return found


def _direction(mood: str, dimensions: int) -> Floats:
    rng = np.random.default_rng(list(sha256(mood.encode()).digest()))
    towards = rng.normal(size=dimensions)
    return np.asarray(towards / np.linalg.norm(towards))


def artist_names(written: WrittenCatalogue | None, invented: Sequence[str]) -> list[str]:
    """The names of as many artists as were `invented`: the written ones first, none of them twice."""
    if written is None:
        return list(invented)
    names = [artist.name for artist in written.artists[: len(invented)]]
    taken = {name.casefold() for name in names}
    return names + [f"{name} II" if name.casefold() in taken else name for name in invented[len(names) :]]


def track_titles(written: WrittenCatalogue | None, invented: Sequence[str], artist: Ints) -> list[str]:
    """(tracks,) titles of tracks whose artists (tracks,) are in ascending order."""
    titles = list(invented)
    for number, who in enumerate(written.artists if written else ()):
        first, end = np.searchsorted(artist, [number, number + 1])
        known = who.titles[: end - first]
        titles[first : first + len(known)] = known
    return titles
