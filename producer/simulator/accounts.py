"""Accounts: registering, logging in and out, and the levels a subscription moves through.

A guest may register (free), a free listener may upgrade (paid) or leave (closed), a paying one may
go back to free. Each listener's first change, from nothing, says at which level they came.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from producer.simulator.arrays import Flags, Ints, weighted
from producer.simulator.behaviour import AccountChances
from producer.simulator.coded import numbered
from producer.simulator.draft import Draft
from producer.simulator.population import CLOSED, FREE, GUEST, LEVELS, PAID, Listeners, Population
from producer.simulator.sessions import Day, Plan

_LEVEL_NAMES = numbered([*LEVELS, None])


@dataclass(frozen=True)
class Move:
    """Changes of level; every array has one entry per change."""

    session: Ints
    at: Ints  # ms since the session began
    before: Ints  # level number; CLOSED stands for none
    after: Ints
    reason: list[str]


def account_drafts(today: Day, spans: Ints, kept: Flags, listeners: Listeners) -> list[Draft]:
    """The auth events and subscription changes of the `kept` sessions; moves the listeners' levels on."""
    plan, people = today.plan, listeners.people
    there = np.flatnonzero(kept)
    user = plan.user[there]
    last = there[np.append(user[1:], -1) != user]
    first = there[np.append(-1, user[:-1]) != user]
    arrivals = _arrivals(first[~listeners.seen[plan.user[first]]], plan, people)
    listeners.seen[plan.user[first]] = True
    log_ins = _log_ins(today, spans, listeners.level)
    settled = last[~np.isin(plan.user[last], plan.user[arrivals.session])]
    moves = _moves(today, settled, spans, listeners)
    registered = _registrations(plan, arrivals, moves, people)
    return [_auth(registered, log_ins), _changes(arrivals, moves)]


def _arrivals(session: Ints, plan: Plan, people: Population) -> Move:
    user = plan.user[session]
    new = people.arrival[user] >= 0
    after = people.first_level[user]
    reasons = np.where(~new, "carried_over", np.where(after == GUEST, "first_visit", "registered"))
    return Move(session, np.full(len(user), 900), np.full(len(user), CLOSED), after, reasons.tolist())


def _moves(today: Day, session: Ints, spans: Ints, listeners: Listeners) -> Move:
    """Those of the listeners' last sessions of the day in which their level changes."""
    plan, chances, experiment = today.plan, today.config.accounts, today.config.experiment
    session = session[~plan.bot[session]]
    user = plan.user[session]
    lift = np.array([experiment.upgrade_lift[arm] for arm in experiment.arms])
    before, draw = listeners.level[user], today.rng.random(len(user))
    after = before.copy()
    after[(before == GUEST) & (draw < chances.registers)] = FREE
    after[(before == PAID) & (draw < chances.downgrades)] = FREE
    after[(before == FREE) & (draw < chances.upgrades * lift[listeners.people.arm[user]])] = PAID
    after[(before == FREE) & (draw > 1 - chances.leaves)] = CLOSED
    rows = np.flatnonzero(after != before)
    session, before, after = session[rows], before[rows], after[rows]
    listeners.level[plan.user[session]] = after
    at = np.where(after == CLOSED, spans[session] + 4_000, 3_000)
    return Move(session, at, before, after, _reasons(today.rng, chances, before, after))


def _reasons(rng: np.random.Generator, chances: AccountChances, before: Ints, after: Ints) -> list[str]:
    up = np.array(list(chances.upgrade_reasons))[weighted(rng, chances.upgrade_reasons, len(after))]
    down = np.array(list(chances.downgrade_reasons))[weighted(rng, chances.downgrade_reasons, len(after))]
    kept_or_left = np.where(after == CLOSED, "account_closed", "registered")
    reasons = np.where(after == PAID, up, np.where(before == PAID, down, kept_or_left))
    return [str(reason) for reason in reasons]


def _registrations(plan: Plan, arrivals: Move, moves: Move, people: Population) -> tuple[Ints, Ints]:
    """(session, ms) of each registration: half a second before the change that it brings."""
    fresh = (people.arrival[plan.user[arrivals.session]] >= 0) & (arrivals.after == FREE)
    joined = moves.before == GUEST
    session = np.concatenate([arrivals.session[fresh], moves.session[joined]])
    return session, np.concatenate([arrivals.at[fresh], moves.at[joined]]) - 500


def _log_ins(today: Day, spans: Ints, level: Ints) -> tuple[Ints, Ints, Ints, Flags]:
    """(session, ms, action, succeeded) of the day's log-ins and log-outs; guests have neither."""
    rng, plan, chances = today.rng, today.plan, today.config.accounts
    member = level[plan.user] != GUEST
    coming = np.flatnonzero(member & (rng.random(len(plan)) < chances.logs_in))
    failing = coming[rng.random(len(coming)) < chances.fails_first]
    leaving = np.flatnonzero(member & (rng.random(len(plan)) < chances.logs_out))
    session = np.concatenate([coming, failing, leaving])
    at = np.concatenate([np.full(len(coming), 2_500), np.full(len(failing), 1_000), spans[leaving] + 3_000])
    action = np.repeat([1, 1, 2], [len(coming), len(failing), len(leaving)])
    succeeded = np.repeat([True, False, True], [len(coming), len(failing), len(leaving)])
    return session, at, action, succeeded


def _auth(registered: tuple[Ints, Ints], log_ins: tuple[Ints, Ints, Ints, Flags]) -> Draft:
    session, at = registered
    later, later_at, action, succeeded = log_ins
    actions = numbered(["register", "log_in", "log_out"])
    numbers = np.concatenate([np.zeros(len(session), np.int64), action])
    worked = np.concatenate([np.ones(len(session), bool), succeeded])
    columns = {"action": actions.gather(pl.Series(numbers)), "succeeded": pl.Series(worked)}
    return Draft("auth_events", np.concatenate([session, later]), np.concatenate([at, later_at]), columns)


def _changes(arrivals: Move, moves: Move) -> Draft:
    before = np.concatenate([arrivals.before, moves.before])
    after = np.concatenate([arrivals.after, moves.after])
    columns = {
        "from_level": _LEVEL_NAMES.gather(pl.Series(before)),
        "to_level": _LEVEL_NAMES.gather(pl.Series(after)),
        "reason": pl.Series(arrivals.reason + moves.reason, dtype=pl.String),
    }
    session = np.concatenate([arrivals.session, moves.session])
    return Draft("subscription_changes", session, np.concatenate([arrivals.at, moves.at]), columns)
