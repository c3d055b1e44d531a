"""Settings that every test shares."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# Seeds are fixed, and a slow machine is not a failure: examples are counted, never timed.
settings.register_profile(
    "backbeat", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("backbeat")
