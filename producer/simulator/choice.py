"""What is put on: something known, an album or an artist from end to end, a station, a chart, or a find."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from producer.simulator.arrays import Flags, Ints, weighted
from producer.simulator.behaviour import CONTEXTS
from producer.simulator.bots import Bots
from producer.simulator.catalogue import Catalogue
from producer.simulator.population import Listeners
from producer.simulator.sessions import Day
from producer.simulator.taste import DIMENSIONS, Market, unit

_NOTHING = -1
_ALBUM, _LIKED, _RADIO, _CHART, _ARTIST = map(
    CONTEXTS.index, ("album", "liked_songs", "radio", "chart", "artist")
)


@dataclass(frozen=True)
class Seats:
    """The plays of a day before anything is put on, in order of session and turn; one entry per play."""

    session: Ints
    user: Ints
    turn: Ints  # 0 for the first of its session
    first: Ints  # where its session begins
    context: Ints  # position in CONTEXTS; lasts for the session
    bot: Flags

    @classmethod
    def of(cls, today: Day) -> Seats:
        """One for each play of the day's plan."""
        plan = today.plan
        session = np.repeat(np.arange(len(plan)), plan.plays)
        first = (np.cumsum(plan.plays) - plan.plays)[session]
        contexts = {name: today.config.listening.contexts[name] for name in CONTEXTS}
        context = weighted(today.rng, contexts, len(plan))[session]
        turn = np.arange(len(session)) - first
        return cls(session, plan.user[session], turn, first, context, plan.bot[session])

    def __len__(self) -> int:
        return len(self.session)


@dataclass(frozen=True)
class Supply:
    """Where tracks come from: all there are, what each listener knows, and what bots promote."""

    catalogue: Catalogue
    listeners: Listeners
    bots: Bots


@dataclass(frozen=True)
class Choice:
    """What is put on; one entry per play."""

    track: Ints
    repeated: Flags  # the listener knew it


def put_on(today: Day, seats: Seats, supply: Supply) -> Choice:
    """A track for every seat; nothing that is not out on the day."""
    player = _Player(today, seats, supply)
    follows = np.isin(seats.context, (_ALBUM, _ARTIST)) & (seats.turn > 0) & ~seats.bot
    player.loop_songs()
    player.go_back(np.flatnonzero(~follows & ~seats.bot))
    known = player.track != _NOTHING
    player.find(np.flatnonzero((player.track == _NOTHING) & ~follows))
    player.go_on(np.flatnonzero(follows))
    player.find(np.flatnonzero(player.track == _NOTHING))
    return Choice(player.track, np.where(follows, known[seats.first], known))


class _Player:
    """Fills `track` (n,), seat by seat."""

    def __init__(self, today: Day, seats: Seats, supply: Supply) -> None:
        self._rng, self._config, self._day = today.rng, today.config, today.plan.day
        self._seats, self._supply = seats, supply
        catalogue = supply.catalogue
        self._market = Market(catalogue.charts(self._day), catalogue.vectors, today.config.taste)
        self._stations = today.rng.normal(
            0, today.config.listening.radio_scatter, (len(today.plan), DIMENSIONS)
        )
        self.track = np.full(len(seats), _NOTHING)

    def loop_songs(self) -> None:
        """What bots play."""
        bot = self._seats.bot
        self.track[bot] = self._supply.bots.songs(self._seats.user[bot])

    def go_back(self, rows: Ints) -> None:
        """Some of `rows` to what the listener knows."""
        habits = self._config.habits
        shares = np.array([habits.repeats[name] for name in CONTEXTS])[self._seats.context[rows]]
        rows = rows[self._rng.random(len(rows)) < shares]
        liked = (self._seats.context[rows] == _LIKED) | (self._rng.random(len(rows)) < habits.from_favourites)
        self.track[rows] = self._supply.listeners.habits.revisit(self._rng, self._seats.user[rows], liked)

    def find(self, rows: Ints) -> None:
        """Something popular that suits, for `rows`; a station keeps to its corner, a chart to the charts."""
        people, seats = self._supply.listeners.people, self._seats
        user, context = seats.user[rows], seats.context[rows]
        wish = people.tastes[user]
        radio = context == _RADIO
        station = unit(wish[radio] + self._stations[seats.session[rows[radio]]])
        wish[radio] = self._config.listening.radio_focus * station
        wish[context == _CHART] = 0.0
        self.track[rows] = self._market.choose(self._rng, wish, people.country[user])

    def go_on(self, rows: Ints) -> None:
        """`rows` with the album or the artist that their session began with, as far as that is out."""
        seats, shelves = self._seats, self._supply.catalogue.shelves
        base = self.track[seats.first[rows]]
        album = shelves.album_after(base, seats.turn[rows])
        wished = np.where(seats.context[rows] == _ALBUM, album, shelves.by_the_artist(self._rng, base))
        out = (wished != _NOTHING) & (self._supply.catalogue.released[wished] <= self._day)
        self.track[rows[out]] = wished[out]
