"""Lands a history with several processes.

Each simulates everything and lands some of the topics: an event costs more to encode, hash and compress than
to think of, and no two processes write to one chain of fences.
"""

from __future__ import annotations

from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait

from contracts.bulk import BulkFor
from contracts.errors import BackbeatError
from contracts.events import TOPICS
from producer.simulator.bulk import Order, Progress, land_topics
from producer.simulator.ledger import Ledger

# Percent of the bytes of a simulated day's objects, by topic: so the topics are dealt out.
_WORK = {
    "plays": 35,
    "playback_started": 25,
    "page_views": 19,
    "skips": 10,
    "podcast_events": 5,
    "subscription_changes": 3,
    "auth_events": 2,
    "likes": 1,
}


def land(order: Order, bulk_for: BulkFor, processes: int, progress: Progress) -> Ledger:
    """Land a history; `progress` is told of every few thousand rows. Raises BackbeatError when it cannot.

    The objects are the same, byte for byte, whatever the number of processes. The ledger goes topic by topic.
    """
    shares = dealt_out(processes)
    if len(shares) == 1:
        found = land_topics(order, bulk_for(order.address, order.history, shares[0]), shares[0], progress)
    else:
        found = _in_processes(order, bulk_for, shares, progress)
    whole = Ledger(counts_only=not order.with_ledger)
    for topic in TOPICS:
        whole.append(found[topic])
    return whole


def dealt_out(processes: int) -> list[list[str]]:
    """The topics of each process, about as much work for each; no more processes than topics."""
    shares: list[list[str]] = [[] for _ in range(min(processes, len(TOPICS)))]
    for topic in sorted(TOPICS, key=lambda topic: -_WORK[topic]):
        min(shares, key=lambda share: sum(_WORK[name] for name in share)).append(topic)
    return shares


def _in_processes(
    order: Order, bulk_for: BulkFor, shares: list[list[str]], progress: Progress
) -> dict[str, Ledger]:
    """Each of `shares` in a process of its own; returns the ledger of each topic."""
    context = get_context("spawn")  # polars has threads, which a fork would leave behind
    found: dict[str, Ledger] = {}
    pipes: list[Connection] = []
    children = []
    try:
        for share in shares:
            ours, theirs = context.Pipe(duplex=False)
            children.append(context.Process(target=_child, args=(theirs, order, bulk_for, share)))
            children[-1].start()
            theirs.close()
            pipes.append(ours)
        while pipes:
            for pipe in wait(pipes):
                assert isinstance(pipe, Connection)  # noqa: S101 - wait types what it returns as anything
                heard = _heard(pipe)
                if isinstance(heard, int):
                    progress(heard)
                    continue
                found |= heard
                pipes.remove(pipe)
    finally:
        for child in children:
            if pipes:
                child.terminate()
            child.join()
    return found


def _heard(pipe: Connection) -> int | dict[str, Ledger]:
    try:
        heard = pipe.recv()
    except EOFError:
        raise BackbeatError("a process that landed simulated history died: see above") from None
    if isinstance(heard, BackbeatError):
        raise heard
    found: int | dict[str, Ledger] = heard
    return found


def _child(pipe: Connection, order: Order, bulk_for: BulkFor, topics: list[str]) -> None:
    with suppress(BrokenPipeError):  # nobody waits for us any more
        try:
            lake = bulk_for(order.address, order.history, topics)
            pipe.send(land_topics(order, lake, topics, pipe.send))
        except BackbeatError as error:
            pipe.send(error)
