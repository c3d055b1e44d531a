"""Which questions are about money (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping

MONEY_TABLES = frozenset(
    {
        "campaign_performance",
        "fct_ad_performance",
        "fct_royalties",
        "report_statements",
        "royalty_reconciliation",
        "unmatched_report_lines",
    }
)
# These tell other things too: a question that binds `$with_money` as false leaves the money out.
MIXED_TABLES = frozenset({"kpi_daily"})
# Money in a table that has little else of it.
MONEY_COLUMNS = re.compile(r"\bestimated_revenue\b|\bselect \*|^from")
_READ = re.compile(r"\bgold\.([a-z_]+)")


def tells_money(sql: str, parameters: Mapping[str, object]) -> bool:
    """Whether the rows of `sql` may hold money."""
    read = set(_READ.findall(sql))
    if read & MONEY_TABLES or ("fct_social_daily" in read and MONEY_COLUMNS.search(sql)):
        return True
    return bool(read & MIXED_TABLES) and parameters.get("with_money") is not False
