"""What the machine of the sink's protocol is made of: writers, fences, objects, and the world they are in."""

from __future__ import annotations

from typing import NamedTuple

HOURS = 2
ELSEWHERE = 9  # the hour under which the flaw "rewrites" puts a batch that it believes another owner's


class Fence(NamedTuple):
    """Covers the offsets [base, end], of which [first, end] have rows; `by` is the attempt's id."""

    base: int
    first: int
    end: int
    hour: int
    by: int


class Object(NamedTuple):
    """The rows [first, end] under the key (base, hour); bytes differ by the attempt that wrote them."""

    base: int
    hour: int
    first: int
    end: int
    by: int


class Writer(NamedTuple):
    """One process: where it is, and what it believes."""

    step: str = "start"
    attempt: int = 0
    tail: int = 0
    hour: int = 0
    fence: Fence | None = None
    lost: bool = False  # only with the flaw "rewrites": its request was never answered
    signed: bool = True  # its right to write the data object has not run out
    pending: tuple[Fence, ...] = ()  # only with the flaw "parallel"


class World(NamedTuple):
    """Everything there is. `late` are requests still on their way, `old` the objects aged out of bronze.

    `start` is where the log begins, `committed` the highest offset that Kafka was told; the last three
    are how much may still go wrong.
    """

    start: int
    committed: int
    fences: tuple[Fence, ...]
    data: tuple[Object, ...]
    old: tuple[Object, ...]
    late: tuple[Fence | Object, ...]
    writers: tuple[Writer, ...]
    faults: int
    restarts: int
    drops: int


def fence_of(writer: Writer) -> Fence:
    assert writer.fence is not None
    return writer.fence


def put(world: World, index: int, writer: Writer) -> World:
    return world._replace(writers=(*world.writers[:index], writer, *world.writers[index + 1 :]))


def tell(world: World, fence: Fence) -> World:
    """Kafka knows that the lake reaches the end of `fence`."""
    return world._replace(committed=max(world.committed, fence.end + 1))


def behind(writer: Writer) -> Writer:
    """Ready for what comes after the writer's fence."""
    fence = fence_of(writer)
    return writer._replace(step="ready", tail=fence.end + 1, hour=fence.hour, fence=None, lost=False)


def mine(world: World, writer: Writer) -> bool:
    """Whether the fence that is there carries this attempt's id and body."""
    return fence_of(writer) in world.fences
