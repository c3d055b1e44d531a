"""The sink's protocol as a finite machine: writers, a store, a log, a network that delays and repeats.

Every move below is one atomic step of the real thing. Between any two of them a writer can stand still for
as long as it likes: for ever, that is a crash, because nothing of the protocol can tell the two apart; or
it is killed and starts again knowing nothing. A flaw named at the start makes the machine differ from
the protocol as designed.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.protocol_world import (
    ELSEWHERE,
    HOURS,
    Fence,
    Object,
    World,
    Writer,
    behind,
    fence_of,
    mine,
    put,
    tell,
)

Move = tuple[str, World]


class Protocol:
    """The machine over a log of `records` rows, with the given `flaws`."""

    def __init__(self, records: int, *flaws: str) -> None:
        self.records, self.flaws = records, frozenset(flaws)

    def begin(self, writers: int, *, faults: int, restarts: int, drops: int) -> World:
        """Nothing landed yet; how much may go wrong in all."""
        crew = tuple(Writer(attempt=number) for number in range(writers))
        return World(0, 0, (), (), (), (), crew, faults, restarts, drops)

    def moves(self, world: World) -> Iterator[Move]:
        """Everything that can happen next."""
        yield from self._surroundings(world)
        for index, writer in enumerate(world.writers):
            name = "ABC"[index]
            if world.restarts and writer.step != "start":
                fresh = Writer(attempt=writer.attempt + len(world.writers))
                again = world._replace(restarts=world.restarts - 1)
                yield f"{name} is killed and starts again", put(again, index, fresh)
            for label, after in getattr(self, f"_{writer.step}")(world, index, writer):
                yield f"{name} {label}", after

    def _surroundings(self, world: World) -> Iterator[Move]:
        if world.drops and world.start < self.records:
            after = world._replace(start=world.start + 1, drops=world.drops - 1)
            yield f"retention drops offset {world.start}", after
        for number, request in enumerate(world.late):
            rest = world._replace(late=world.late[:number] + world.late[number + 1 :])
            yield f"a late request arrives: {request}", self._apply(rest, request)[0]
        last = world.fences[-1].base if world.fences else -1
        for found in world.data:
            if found.base < last or "ages the last" in self.flaws:
                yield f"{found} ages out of bronze", self._age(world, found)
        if "fences deleted" in self.flaws and world.faults and world.fences:
            after = world._replace(fences=world.fences[:-1], faults=world.faults - 1)
            yield f"{world.fences[-1]} is deleted", after

    def _age(self, world: World, found: Object) -> World:
        """Bronze forgets an object, later than any right to write it: readers find its rows elsewhere."""
        world = world._replace(
            data=tuple(o for o in world.data if o != found), old=tuple(sorted((*world.old, found)))
        )
        if "never expires" in self.flaws:
            return world
        late = tuple(r for r in world.late if isinstance(r, Fence) or r.base != found.base)
        crew = tuple(
            w._replace(signed=False) if w.fence is not None and w.fence.base == found.base else w
            for w in world.writers
        )
        return world._replace(late=late, writers=crew)

    # -- one owner, from taking over to telling Kafka ------------------------------------------------

    def _stopped(self, world: World, index: int, writer: Writer) -> Iterator[Move]:
        yield from ()

    def _start(self, world: World, index: int, writer: Writer) -> Iterator[Move]:
        if not world.fences:
            yield "finds no fence", put(world, index, writer._replace(step="ready"))
            return
        # The right to write is counted from before the listing: `signed` from here on.
        last = world.fences[-1]
        yield f"finds {last} last", put(world, index, writer._replace(step="look", fence=last, signed=True))

    def _look(self, world: World, index: int, writer: Writer) -> Iterator[Move]:
        fence = fence_of(writer)
        there = any((o.base, o.hour) == (fence.base, fence.hour) for o in world.data)
        if there or "never finishes" in self.flaws:
            yield "finds its rows", put(world, index, behind(writer))
        elif world.start > fence.first:  # decided rows are gone: told, never guessed
            yield "stops: Kafka lost decided rows", put(world, index, Writer("stopped", writer.attempt))
        else:
            signed = writer.signed or "signs late" in self.flaws
            after = writer._replace(step="finish", signed=signed, lost=False)
            yield "reads the missing rows again", put(world, index, after)

    def _ready(self, world: World, index: int, writer: Writer) -> Iterator[Move]:
        if writer.pending:
            yield from self._put_pending(world, index, writer)
        first = max(writer.tail, world.start)
        for end in range(first, self.records):
            base = first if "named by first" in self.flaws else writer.tail
            fence = Fence(base, first, end, max(writer.hour, index % HOURS), writer.attempt)
            decided = writer._replace(step="decide", fence=fence, lost=False, signed=True)
            yield f"decides {fence}", put(world, index, decided)

    def _decide(self, world: World, index: int, writer: Writer) -> Iterator[Move]:
        for label, after, answer in self._request(world, index, writer, fence_of(writer)):
            judged = put(after, index, self._judged(after, after.writers[index], answer))
            early = "commits first" in self.flaws and answer == "created"
            yield label, tell(judged, fence_of(writer)) if early else judged
            if answer == "exists" and writer.lost and "rewrites" in self.flaws and mine(after, writer):
                fence = fence_of(writer)
                copy = Object(fence.base, ELSEWHERE, fence.first, fence.end, fence.by)
                yield f"{label}, writes elsewhere", put(self._apply(after, copy)[0], index, behind(writer))

    def _judged(self, world: World, writer: Writer, answer: str) -> Writer:
        """What a writer makes of the answer to its fence."""
        won = writer._replace(step="write", lost=False)
        if answer == "created" or (answer == "exists" and mine(world, writer)):
            if "parallel" in self.flaws and not writer.pending:
                return behind(writer)._replace(pending=(fence_of(writer),))
            return won
        if answer == "exists":
            advances = "loser advances" in self.flaws
            return behind(writer) if advances else Writer("start", writer.attempt)
        if answer == "conflict" and "conflict advances" in self.flaws:
            return behind(writer)
        return writer

    def _write(self, world: World, index: int, writer: Writer) -> Iterator[Move]:
        fence = fence_of(writer)
        if not writer.signed:
            yield "stops: too late to write", put(world, index, Writer("stopped", writer.attempt))
            return
        own_hour = "finisher's hour" in self.flaws and writer.step == "finish"
        hour = index % HOURS if own_hour else fence.hour
        wanted = Object(fence.base, hour, fence.first, fence.end, writer.attempt)
        for label, after, answer in self._request(world, index, writer, wanted):
            if answer in {"created", "exists"}:  # what exists has the fence's rows: the hash says so
                # Telling Kafka changes nothing that any writer believes, so it is no move of its own.
                yield f"{label}; commits", put(tell(after, fence), index, behind(writer))
            else:
                yield label, after

    _finish = _write

    def _put_pending(self, world: World, index: int, writer: Writer) -> Iterator[Move]:
        fence = writer.pending[0]
        wanted = Object(fence.base, fence.hour, fence.first, fence.end, writer.attempt)
        after, _ = self._apply(world, wanted)
        yield f"puts {wanted} at last", put(after, index, writer._replace(pending=()))

    # -- the store and the network -------------------------------------------------------------------

    def _request(
        self, world: World, index: int, writer: Writer, wanted: Fence | Object
    ) -> Iterator[tuple[str, World, str]]:
        """Ask for `wanted` to be created: every way the network and the store can treat that."""
        applied, answer = self._apply(world, wanted)
        yield f"asks for {wanted}: {answer}", applied, answer
        if not world.faults:
            return
        worse, doubt = world.faults - 1, writer._replace(lost="rewrites" in self.flaws)
        unsure = put(applied._replace(faults=worse), index, doubt)
        yield f"asks for {wanted}: {answer}, but the answer is lost", unsure, "none"
        yield f"asks for {wanted}: 409 or 5xx", world._replace(faults=worse), "conflict"
        late = tuple(sorted((*world.late, wanted), key=repr))
        delayed = put(world._replace(late=late, faults=worse), index, doubt)
        yield f"asks for {wanted}: delayed", delayed, "none"
        again = applied._replace(late=late, faults=worse)
        yield f"asks for {wanted}: {answer}, and a copy is on its way", again, answer

    def _apply(self, world: World, wanted: Fence | Object) -> tuple[World, str]:
        """The store's part: create if absent."""
        if isinstance(wanted, Fence):
            others = tuple(f for f in world.fences if f.base != wanted.base)
            if len(others) < len(world.fences) and "fence overwrites" not in self.flaws:
                return world, "exists"
            return world._replace(fences=tuple(sorted((*others, wanted)))), "created"
        rest = tuple(o for o in world.data if (o.base, o.hour) != (wanted.base, wanted.hour))
        if len(rest) < len(world.data) and "data overwrites" not in self.flaws:
            return world, "exists"
        return world._replace(data=tuple(sorted((*rest, wanted)))), "created"
