"""The seed of exchange rates: means of months of the European Central Bank's rates, made by a script."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from zipfile import ZipFile

from infra.exchange_rates import SEED, daily, monthly

DAYS = """Date,USD,GBP,RUB,
2024-02-01,1.10,0.50,N/A,
2024-01-31,1.20,0.40,90,
2024-01-30,1.00,0.50,N/A,
2023-12-29,9.99,9.99,90,
"""


def archive() -> bytes:
    body = io.BytesIO()
    with ZipFile(body, "w") as opened:
        opened.writestr("eurofxref-hist.csv", DAYS)
    return body.getvalue()


def test_a_rate_is_the_mean_of_a_months_days_in_the_currency_of_reports() -> None:
    assert monthly(daily(archive()), "USD", "2024-01") == [
        ("USD", "2024-01-01", "1.00000000"),
        ("EUR", "2024-01-01", "1.10000000"),  # (1.20 + 1.00) / 2
        ("EUR", "2024-02-01", "1.10000000"),
        ("GBP", "2024-01-01", "2.50000000"),  # (1.20 / 0.40 + 1.00 / 0.50) / 2
        ("GBP", "2024-02-01", "2.20000000"),
    ]  # the rouble is quoted no more


def test_the_base_of_the_bank_can_be_the_currency_of_reports() -> None:
    rates = monthly(daily(archive()), "EUR", "2024-02")
    assert rates[1:] == [("GBP", "2024-02-01", "2.00000000"), ("USD", "2024-02-01", "0.90909091")]


def test_the_seed_has_each_month_of_each_currency_and_the_means_that_the_bank_publishes() -> None:
    with SEED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    months: dict[str, list[str]] = {}
    for row in rows:
        months.setdefault(row["currency"], []).append(row["valid_from"])
    latest = max(row["valid_from"] for row in rows)
    for currency, found in months.items():
        number = [12 * int(month[:4]) + int(month[5:7]) for month in found]
        assert number == list(range(number[0], number[0] + len(number))), currency
        assert currency == "USD" or found[-1] == latest
    euro = {row["valid_from"][:7]: Decimal(row["rate"]) for row in rows if row["currency"] == "EUR"}
    # The bank's own means of months: EXR.M.USD.EUR.SP00.A
    published = {"2019-01": "1.1416", "2020-12": "1.2170", "2022-09": "0.9904", "2024-06": "1.0759"}
    assert {month: str(round(euro[month], 4)) for month in published} == published
