"""Compaction and archiving as a finite machine: compactors, an archiver, a cleaner, a reader, one hour.

An object of bronze is one row, known by its number. Every move is one atomic step of the real thing; between
any two of them everybody can stand still for as long as they like, or be killed and start again knowing
nothing. A flaw named at the start makes the machine differ from the protocol as designed.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from typing import NamedTuple

Rows = frozenset[int]
NOTHING: Rows = frozenset()


class Part(NamedTuple):
    """A compacted object: the slot and the attempt in its key, and its rows."""

    slot: int
    attempt: int
    rows: Rows


class Compactor(NamedTuple):
    """Where it is, and what it believes."""

    step: str = "start"
    attempt: int = 0
    seen: Rows = NOTHING
    part: Part | None = None


class Reader(NamedTuple):
    """What it has listed of bronze and of the manifests, what had landed then, and what it once saw."""

    step: str = "start"
    bronze: Rows = NOTHING
    parts: frozenset[Part] = frozenset()
    landed: int = 0
    known: int = 0  # manifests that there were when it began


class World(NamedTuple):
    """`landed` objects so far, those in `bronze`, compacted `parts`, `manifests` by slot; what may fail."""

    landed: int
    bronze: Rows
    parts: frozenset[Part]
    manifests: tuple[Part, ...]
    late: frozenset[Part]
    compactors: tuple[Compactor, ...]
    reader: Reader
    restarts: int
    faults: int
    restores: int
    complaint: str = ""


Move = tuple[str, World]


class Upkeep:
    """The machine over `objects` that land one by one, with the given `flaws`."""

    def __init__(self, objects: int, *flaws: str) -> None:
        self.objects, self.flaws = objects, frozenset(flaws)

    def begin(self, compactors: int, *, restarts: int, faults: int, restores: int) -> World:
        """Nothing has landed yet; how much may go wrong in all."""
        crew = tuple(Compactor(attempt=number) for number in range(compactors))
        nothing = (0, NOTHING, frozenset[Part](), (), frozenset[Part]())
        return World(*nothing, crew, Reader(), restarts, faults, restores)

    def moves(self, world: World) -> Iterator[Move]:
        """Everything that can happen next."""
        if world.landed < self.objects:
            bronze = world.bronze | {world.landed}
            yield f"{world.landed} lands", world._replace(landed=world.landed + 1, bronze=bronze)
        for index, one in enumerate(world.compactors):
            for label, after in self._compact(world, index, one):
                yield f"{'AB'[index]} {label}", after
            if world.restarts and one.step != "start":
                again = world._replace(restarts=world.restarts - 1)
                yield f"{'AB'[index]} is killed", self._fresh(again, index, one)
        for part in world.late:
            rest = world._replace(late=world.late - {part})
            yield f"{part} asks for its slot, late", self._create(rest, part)
        yield from self._clean(world)
        yield from self._archive(world)
        yield from getattr(self, f"_read_{world.reader.step}")(world, world.reader)

    # -- a compactor, from its listing to its manifest -----------------------------------------------

    def _compact(self, world: World, index: int, one: Compactor) -> Iterator[Move]:
        if one.step == "start":
            yield "lists bronze", _put(world, index, one._replace(step="listed", seen=world.bronze))
        elif one.step == "listed":
            named = NOTHING if "plans blindly" in self.flaws else _named(world)
            if rows := one.seen - named:
                part = Part(len(world.manifests), one.attempt, rows)
                if "shares keys" in self.flaws:
                    part = part._replace(attempt=-1)
                yield f"plans {part}", _put(world, index, one._replace(step="planned", part=part))
            else:
                yield "has nothing to do", self._fresh(world, index, one)
        elif one.part is not None and one.step == "planned":
            yield from self._write(world, index, one, one.part)
        elif one.part is not None:
            yield "asks for its slot", self._fresh(self._create(world, one.part), index, one)
            if world.faults:
                late = world._replace(late=world.late | {one.part}, faults=world.faults - 1)
                yield "asks for its slot: delayed", self._fresh(late, index, one)

    def _write(self, world: World, index: int, one: Compactor, part: Part) -> Iterator[Move]:
        if not part.rows <= world.bronze:  # gone meanwhile, so somebody has the slot
            yield "finds its sources gone", self._fresh(world, index, one)
            return
        others = frozenset(p for p in world.parts if (p.slot, p.attempt) != (part.slot, part.attempt))
        if len(others) < len(world.parts):  # create if absent: with keys of its own it never comes to this
            yield "finds its key taken", _put(world, index, one._replace(step="written"))
            return
        written = world._replace(parts=world.parts | {part})
        if "manifest first" in self.flaws:
            yield "asks for its slot", _put(self._create(world, part), index, one._replace(step="late"))
        yield "writes", _put(written, index, one._replace(step="written"))

    def _create(self, world: World, part: Part) -> World:
        """The store's part: the manifest of a slot is created if absent."""
        if part.slot < len(world.manifests) and "manifests overwrite" not in self.flaws:
            return world
        kept = world.manifests[: part.slot]
        return world._replace(manifests=(*kept, part, *world.manifests[part.slot + 1 :]))

    def _fresh(self, world: World, index: int, one: Compactor) -> World:
        """It starts again; its attempt's id is another one if anything could carry the old one."""
        used = any(part.attempt == one.attempt for part in (*world.parts, *world.manifests, *world.late))
        return _put(world, index, Compactor(attempt=one.attempt + used * len(world.compactors)))

    # -- who removes things --------------------------------------------------------------------------

    def _clean(self, world: World) -> Iterator[Move]:
        for part in world.parts:
            taken = part.slot < len(world.manifests) and world.manifests[part.slot].attempt != part.attempt
            unnamed = part not in world.manifests and "cleans free slots" in self.flaws
            if taken or unnamed:
                yield f"{part} is cleaned up", world._replace(parts=world.parts - {part})

    def _archive(self, world: World) -> Iterator[Move]:
        for number in world.bronze:
            slots = [slot for slot, part in enumerate(world.manifests) if number in part.rows]
            young = world.reader.step != "start" and (not slots or slots[0] >= world.reader.known)
            named = slots or "archives what is not compacted" in self.flaws
            if named and (not young or "archives at once" in self.flaws):
                yield f"{number} leaves bronze", world._replace(bronze=world.bronze - {number})
        for number in _named(world) - world.bronze if world.restores else ():
            back = world._replace(bronze=world.bronze | {number}, restores=world.restores - 1)
            yield f"{number} is restored", back

    # -- a reader: two listings, and then the objects ------------------------------------------------

    def _read_start(self, world: World, reader: Reader) -> Iterator[Move]:
        after = Reader("manifests", world.bronze, landed=world.landed, known=len(world.manifests))
        yield "R begins its list", world._replace(reader=after)

    def _read_manifests(self, world: World, reader: Reader) -> Iterator[Move]:
        parts = world.parts if "globs compacted" in self.flaws else frozenset(world.manifests)
        after = reader._replace(step="objects", parts=parts, bronze=reader.bronze - _named(world))
        yield "R ends its list", world._replace(reader=after)

    def _read_objects(self, world: World, reader: Reader) -> Iterator[Move]:
        found = Counter(reader.bronze)
        for part in reader.parts:
            found.update(part.rows)
        complaint = ""
        if not reader.bronze <= world.bronze or not reader.parts <= world.parts:
            complaint = "there"
        elif set(found.values()) - {1}:
            complaint = "once"
        elif not set(range(reader.landed)) <= set(found):
            complaint = "whole"
        yield "R reads", world._replace(reader=Reader(), complaint=complaint)


def _put(world: World, index: int, one: Compactor) -> World:
    return world._replace(compactors=(*world.compactors[:index], one, *world.compactors[index + 1 :]))


def _named(world: World) -> Rows:
    return frozenset().union(*(part.rows for part in world.manifests))


def explore(upkeep: Upkeep, begin: World) -> tuple[int, str, list[str]]:
    """How many states there are, the first promise that one of them breaks, and the way there."""
    came_from: dict[World, tuple[World, str] | None] = {begin: None}
    waiting = deque([begin])
    while waiting:
        world = waiting.popleft()
        for label, after in upkeep.moves(world):
            if after in came_from:
                continue
            came_from[after] = (world, label)
            if after.complaint:
                return len(came_from), after.complaint, _trace(came_from, after)
            waiting.append(after)
    return len(came_from), "", []


def _trace(came_from: dict[World, tuple[World, str] | None], world: World) -> list[str]:
    steps = []
    while (previous := came_from[world]) is not None:
        world, label = previous
        steps.append(label)
    return steps[::-1]
