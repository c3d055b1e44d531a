"""What Kafka itself can do to records: retention that outruns the sink, and topics made anew."""

from __future__ import annotations

import re
import time

from tests.chaos.process import last_line
from tests.chaos.round import DRAIN_SECONDS, TICK_SECONDS, Round, Violation

_GAP = re.compile(r"lost the offsets \d+ to \d+ before they were landed")


def lose_records(played: Round) -> None:
    """Kafka drops what nobody has landed: the sink says so and stops, or notes the gap and goes on."""
    plan, stage = played.plan, played.stage
    played.feed_quietly(plan.records // 8)
    lost = 0
    for partition in range(plan.topics["plays"]):
        tail, high = stage.ends(played.name, "plays", partition)
        if high - tail > 10:
            before = high - (high - tail) // 4
            stage.delete_records("plays", partition, before)
            lost += before - tail
    code, line = played.land(DRAIN_SECONDS, until_end=True)
    if lost and (code != 1 or not _GAP.search(line)):
        raise Violation(f"{lost} records were lost to retention, and the sink ends with {code}: {line}")
    played.gaps += lost
    played.settings["sink_on_gap"] = "record"
    played.act(plan.records // 8, plan.seconds / 4)
    played.drain()


def replace_topics(played: Round) -> None:
    """The topics are deleted and made anew, smaller or larger, under a sink that follows them."""
    plan, ledger = played.plan, played.ledger
    won = ledger.count("fence", "won")
    follower = played.crew.start()
    played.feed_quietly(plan.records // 10)
    give_up = time.monotonic() + 60
    while ledger.count("fence", "won") == won:
        if time.monotonic() > give_up:
            raise Violation("a sink without any fault landed nothing within 60 s")
        time.sleep(TICK_SECONDS)
    played.stage.new_topics(plan.topics)
    played.feed_quietly(plan.records // 10 if plan.number % 20 < 10 else plan.records * 2)
    played.crew.awake.remove(follower)
    follower.process.join(60)
    code, line = follower.process.exitcode, last_line(follower.life.log)
    if code != 1:
        raise Violation(f"the topics were replaced, and the sink that followed them ends with {code}: {line}")
    played.act(plan.records // 8, plan.seconds / 4)
    played.drain()
