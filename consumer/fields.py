"""The values that a stencil finds, as columns: checked against their fields' rules, a column at a time."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
from pyarrow import compute

from consumer import forms
from consumer.payloads import Alike, Numbers, Truths
from consumer.rule import Kind, Rule, rules
from consumer.stencil import Stencil, Value
from contracts.arrow import TIMESTAMP, event_schema

Checked = tuple[pa.Array, Truths]  # a column, and which of its values certainly fit

_INT64 = 2**63
# Numbers as everybody writes them; 007, +7 and 7.0 are for the classes to judge.
_NUMBER = "^(0|-?[1-9][0-9]{0,17})$"


def read(topic: str, stencil: Stencil, alike: Alike) -> tuple[Numbers, list[pa.Array]]:
    """The contract's columns of those payloads, all written as `stencil` says, whose values certainly fit."""
    fits = np.ones(len(alike), np.bool_)
    found: dict[str, pa.Array] = {}
    for value in stencil.values:
        rule = rules(topic).get(value.name)
        if rule is not None:
            found[value.name], sure = _read(rule, value, alike)
            fits &= sure
        elif not value.is_text:
            fits &= _scalar(value, alike)
    columns = [
        found[field.name] if field.name in found else pa.nulls(len(alike), field.type)
        for field in event_schema(topic)
    ]
    if fits.all():
        return alike.rows, columns
    kept = pa.array(np.flatnonzero(fits))
    return alike.rows[fits], [column.take(kept) for column in columns]


def _read(rule: Rule, value: Value, alike: Alike) -> Checked:
    begins, widths = _span(value, alike)
    if rule.kind is Kind.INTEGER:
        return _integers(rule, alike.texts(begins, widths))
    if rule.kind is Kind.TRUTH:
        return _truths(rule, begins, widths, alike)
    if not value.is_text:
        kind = TIMESTAMP if rule.kind is Kind.TIME else pa.string()
        return pa.nulls(len(alike), kind), _is(b"null", begins, widths, alike) & rule.nullable
    if rule.kind is Kind.TEXT:
        texts = alike.texts(begins, widths)
        return texts, _bounded(rule, widths) & _allowed(rule, texts)
    form = forms.ID if rule.kind is Kind.ID else forms.TIME
    octets, whole = alike.fixed(begins, form.width), widths == form.width
    if rule.kind is Kind.ID:
        return forms.texts(octets), form.fits(octets) & whole
    times = forms.times(octets)
    return times, _sure(times.is_valid()) & whole


def _span(value: Value, alike: Alike) -> tuple[Numbers, Numbers]:
    begins = alike.at(value.begin)
    return begins, np.maximum(alike.at(value.end) - begins, 0)


def _bounded(rule: Rule, octets: Numbers) -> Truths:
    """Sure by the bytes, of which a character has one at least and four at most."""
    fits: Truths = octets >= (rule.least or 0) * (1 if rule.least == 1 else 4)
    return fits if rule.most is None else fits & (octets <= rule.most)


def _allowed(rule: Rule, texts: pa.StringArray) -> Truths | bool:
    if not rule.choices and rule.pattern is None:
        return True
    different = compute.unique(texts).to_pylist()
    choices = rule.choices or [text for text in different if re.search(rule.pattern or "", text)]
    if len(different) == 1:
        return different[0] in choices
    return _sure(compute.is_in(texts, pa.array(choices, pa.string())))


def _integers(rule: Rule, texts: pa.StringArray) -> Checked:
    try:
        numbers = texts.cast(pa.int64())
        fits = _sure(compute.equal(numbers.cast(pa.string()), texts))
    except pa.ArrowInvalid:  # nulls among them, or no numbers at all
        formed = compute.match_substring_regex(texts, _NUMBER)
        numbers = compute.if_else(formed, texts, pa.scalar(None, pa.string())).cast(pa.int64())
        fits = _sure(compute.or_(formed, compute.and_(compute.equal(texts, "null"), rule.nullable)))
    if rule.least is not None and rule.least > -_INT64:
        fits &= _sure(compute.greater_equal(numbers, rule.least), unknown=True)
    if rule.most is not None and rule.most < _INT64 - 1:
        fits &= _sure(compute.less_equal(numbers, rule.most), unknown=True)
    return numbers, fits


def _truths(rule: Rule, begins: Numbers, widths: Numbers, alike: Alike) -> Checked:
    yes, no = (_is(word, begins, widths, alike) for word in (b"true", b"false"))
    known = yes | no
    if known.all():
        return pa.array(yes), known
    absent = _is(b"null", begins, widths, alike) & rule.nullable
    return pa.array(yes, mask=~known), known | absent


def _is(word: bytes, begins: Numbers, widths: Numbers, alike: Alike) -> Truths:
    found: Truths = alike.equal(begins, word) & (widths == len(word))
    return found


def _scalar(value: Value, alike: Alike) -> Truths:
    """Which values of a field that is not the contract's are surely JSON: an integer or a word."""
    begins, widths = _span(value, alike)
    words = [_is(word, begins, widths, alike) for word in (b"true", b"false", b"null")]
    numbers = _sure(compute.match_substring_regex(alike.texts(begins, widths), _NUMBER))
    found: Truths = np.logical_or.reduce([*words, numbers])
    return found


def _sure(fits: pa.BooleanArray, *, unknown: bool = False) -> Truths:
    found: Truths = np.array(compute.fill_null(fits, fill_value=unknown).to_numpy(zero_copy_only=False))
    return found
