"""Has a model write a catalogue: batch by batch, judged artist by artist, filled up in the end.

What is wrong (no JSON, no artist, a name that is taken, too few titles) is asked for again, a bounded number
of times; artists that are still missing then are made of the default words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from pydantic import ValidationError

from producer.simulator import names
from producer.simulator.author.question import GENRES, INSTRUCTION, MOODS, artists_in, question
from producer.simulator.written import WrittenArtist, WrittenCatalogue, artist_names


class Model(Protocol):
    """Who is asked (`producer.simulator.author.endpoint.Endpoint`)."""

    model: str

    def complete(self, instruction: str, question: str) -> str:
        """What it says."""


@dataclass(frozen=True)
class Order:
    """So many artists with so many tracks each, `batch` to an answer.

    What was wrong is asked for again `attempts` times; as many answers in a row may bring nothing."""

    artists: int
    tracks: int
    batch: int = 10
    attempts: int = 3


@dataclass
class Author:
    """One catalogue on its way; `wrong` counts what was not taken, by reason."""

    model: Model
    order: Order
    artists: list[WrittenArtist] = field(default_factory=list)
    wrong: Counter[str] = field(default_factory=Counter)
    answers: int = 0
    filled: int = 0

    @property
    def catalogue(self) -> WrittenCatalogue:
        """What there is so far."""
        return WrittenCatalogue(model=self.model.model, artists=tuple(self.artists))

    @property
    def missing(self) -> int:
        """How many artists are to come."""
        return max(0, self.order.artists - len(self.artists))

    def write(self, keep: Callable[[WrittenCatalogue], None]) -> None:
        """Ask until all artists are there or the attempts are used up, then fill; `keep` is given what there
        is after each answer that brought something, and in the end."""
        batch, fruitless, asked = self.order.batch, 0, 0
        most_asked = self.missing * (1 + self.order.attempts)
        while self.missing and asked < most_asked and fruitless < self.order.attempts:
            wanted = min(batch, self.missing)
            asked += wanted
            taken, is_whole = self._ask(wanted)
            fruitless = 0 if taken else fruitless + 1
            if taken:
                keep(self.catalogue)
            if not is_whole:
                batch = max(1, batch // 2)  # it may have broken off for being too long
        self._fill()
        keep(self.catalogue)

    def _ask(self, artists: int) -> tuple[int, bool]:
        """How many artists an answer brought, and whether it could be read."""
        genre = GENRES[self.answers % len(GENRES)]
        known = [artist.name for artist in self.artists]
        self.answers += 1
        answer = self.model.complete(INSTRUCTION, question(artists, self.order.tracks, genre, known))
        try:
            found = artists_in(answer)
        except ValueError:
            self.wrong["not_json"] += 1
            return 0, False
        return self._take(found[:artists]), True

    def _take(self, found: Iterable[object]) -> int:
        """Take the artists that are right; how many those are."""
        taken = {artist.name.casefold() for artist in self.artists}
        before = len(self.artists)
        for entry in found:
            try:
                artist = WrittenArtist.model_validate(entry)
            except ValidationError:
                self.wrong["invalid"] += 1
                continue
            titles = artist.titles[: self.order.tracks]
            if artist.name.casefold() in taken:
                self.wrong["duplicate"] += 1
            elif len(titles) < self.order.tracks:
                self.wrong["too_few_titles"] += 1
            else:
                taken.add(artist.name.casefold())
                self.artists.append(artist.model_copy(update={"tracks": titles}))
        return len(self.artists) - before

    def _fill(self) -> None:
        """Make the missing artists of the default words, the same ones for the same order."""
        self.filled = self.missing
        rng = np.random.default_rng([self.order.artists, self.order.tracks])
        invented = artist_names(self.catalogue, names.invent(rng, names.ARTISTS, self.order.artists))
        titles = names.invent(rng, names.TRACKS, self.filled * self.order.tracks)
        for number, name in enumerate(invented[len(self.artists) :]):
            tracks = titles[number * self.order.tracks : (number + 1) * self.order.tracks]
            genre, mood = GENRES[number % len(GENRES)], MOODS[number % len(MOODS)]
            self.artists.append(WrittenArtist(name=name, genre=genre, mood=mood, tracks=tuple(tracks)))
