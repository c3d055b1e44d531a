"""`python infra/exchange_rates.py [FILE]`: make seeds/exchange_rates.csv anew, of the European Central Bank.

FILE is the ECB's `eurofxref-hist.zip` (euro foreign exchange reference rates of every working day); without
one it is fetched from the ECB. A rate is the mean of a month: what one unit of a currency was worth in the
currency that reports are summed in, on each day of the month for which the ECB has both, averaged.

The ECB lets its statistics be used freely where it is named as the source and changes are stated:
https://www.ecb.europa.eu/services/using-our-site/disclaimer/html/index.en.html
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from urllib.request import urlopen
from zipfile import BadZipFile, ZipFile

SOURCE = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"
SEED = Path(__file__).parents[1] / "seeds" / "exchange_rates.csv"
FIRST = "2014-01"
BASE = "EUR"  # what the ECB quotes against
_PLACES = Decimal("0.00000001")

Quotes = dict[str, Decimal]


def main() -> None:
    """Write the seed, and say what is in it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, help="eurofxref-hist.zip; without: the ECB's own")
    parser.add_argument("--currency", default="USD", help="what reports are summed in (report_currency)")
    parser.add_argument("--first", default=FIRST, help="the first month, as 2014-01")
    given = parser.parse_args()
    try:
        body = given.file.read_bytes() if given.file else _fetched()
        rates = monthly(daily(body), given.currency, given.first)
    except (OSError, BadZipFile, KeyError, ValueError) as error:
        sys.exit(f"exchange_rates.py: cannot read the ECB's rates: {error}")
    with SEED.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("currency", "valid_from", "rate"), *rates])
    currencies = len({currency for currency, _, _ in rates})
    sys.stdout.write(f"{len(rates):,} rates of {currencies} currencies up to {rates[-1][1][:7]}\n")


def daily(body: bytes) -> Iterator[tuple[str, Quotes]]:
    """The days (ISO) of the ECB's file, and what a euro was worth in each currency that was quoted on it."""
    with ZipFile(io.BytesIO(body)) as archive, archive.open(archive.namelist()[0]) as file:
        for row in csv.DictReader(io.TextIOWrapper(file, encoding="utf-8")):
            day = row.pop("Date")
            yield day, {name: Decimal(told) for name, told in row.items() if name and told not in {"", "N/A"}}


def monthly(days: Iterator[tuple[str, Quotes]], currency: str, first: str) -> list[tuple[str, str, str]]:
    """Currency, first day of the month and rate in `currency`: in order, after `currency` itself.

    One that is quoted no more is left out: it would keep its last rate for ever.
    """
    worth: dict[str, dict[str, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    for day, quotes in days:
        if day[:7] < first:
            continue
        for name, quote in {**quotes, BASE: Decimal(1)}.items():
            if currency == BASE or currency in quotes:
                worth[name][day[:7]].append((Decimal(1) if currency == BASE else quotes[currency]) / quote)
    latest = max(month for months in worth.values() for month in months)
    rates = [
        (name, f"{month}-01", _told(sum(many, Decimal(0)) / len(many)))
        for name, months in sorted(worth.items())
        if latest in months and name != currency
        for month, many in sorted(months.items())
    ]
    return [(currency, f"{first}-01", _told(Decimal(1))), *rates]


def _told(rate: Decimal) -> str:
    return f"{rate.quantize(_PLACES, ROUND_HALF_EVEN):f}"


def _fetched() -> bytes:
    with urlopen(SOURCE, timeout=60) as answer:
        body: bytes = answer.read()
    return body


if __name__ == "__main__":
    main()
