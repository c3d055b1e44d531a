"""The countries listeners live in: how many, and what their clocks say.

Weights are shares of listeners (they need not add up to 1). Offsets are standard time, hours ahead
of UTC; summer time is left out, an hour does not change a daily rhythm that people shift anyway.
"""

from __future__ import annotations

import numpy as np

PLACES: dict[str, tuple[float, float]] = {
    "US": (22.0, -6.0),
    "GB": (9.0, 0.0),
    "DE": (8.5, 1.0),
    "BR": (7.5, -3.0),
    "MX": (6.0, -6.0),
    "FR": (5.0, 1.0),
    "ES": (4.0, 1.0),
    "IT": (3.5, 1.0),
    "IN": (5.0, 5.5),
    "ID": (3.5, 7.0),
    "PH": (2.5, 8.0),
    "JP": (3.0, 9.0),
    "AU": (2.8, 10.0),
    "CA": (3.2, -5.0),
    "NL": (2.5, 1.0),
    "SE": (2.3, 1.0),
    "PL": (2.0, 1.0),
    "TR": (2.0, 3.0),
    "AR": (1.8, -3.0),
    "CO": (1.5, -5.0),
    "CL": (1.2, -4.0),
    "NO": (1.1, 1.0),
    "ZA": (0.9, 2.0),
    "NG": (0.7, 1.0),
    "IE": (0.8, 0.0),
    "KE": (0.5, 3.0),
}

CODES = list(PLACES)
SHARES = np.array([share for share, _ in PLACES.values()])
SHARES = SHARES / SHARES.sum()
OFFSETS = np.array([offset for _, offset in PLACES.values()])
