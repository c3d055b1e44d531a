"""Tracks as small numbers, so that a play is 8 bytes; numbers whose track is not played any more go round."""

from __future__ import annotations

from serving.live.happening import Track

BITS = 24


class Tracks:
    """Number ↔ track; a track's first spelling is shown."""

    def __init__(self, most: int = 2**BITS) -> None:
        self._most = most
        self._numbers: dict[str, int] = {}
        self._tracks: list[Track | None] = []
        self._free: list[int] = []
        self._last: list[int] = []

    def number(self, track: Track, second: int) -> int | None:
        """The number of a track that is played at `second`; None when there are too many tracks."""
        number = self._numbers.get(track.track_id)
        if number is None:
            number = self._new(track)
            if number is None:
                return None
        self._last[number] = max(self._last[number], second)
        return number

    def shared(self, track: Track) -> Track:
        """`track`, as one object for all who play it, once it was played."""
        number = self._numbers.get(track.track_id)
        known = None if number is None else self._tracks[number]
        return track if known is None or known != track else known

    def __getitem__(self, number: int) -> Track:
        track = self._tracks[number]
        if track is None:
            raise KeyError(number)
        return track

    def __len__(self) -> int:
        return len(self._numbers)

    def sweep(self, before: int) -> None:
        """Forget the tracks that were last played before that second."""
        for number, track in enumerate(self._tracks):
            if track is not None and self._last[number] < before:
                del self._numbers[track.track_id]
                self._tracks[number] = None
                self._free.append(number)

    def _new(self, track: Track) -> int | None:
        if self._free:
            number = self._free.pop()
            self._tracks[number] = track
            self._last[number] = 0
        elif len(self._tracks) < self._most:
            number = len(self._tracks)
            self._tracks.append(track)
            self._last.append(0)
        else:
            return None
        self._numbers[track.track_id] = number
        return number
