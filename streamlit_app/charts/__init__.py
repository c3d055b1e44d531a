"""The charts, one kind per module: Vega-Lite specifications as plain dicts.

A validated chart object would cost the server about 100 ms a page.
"""

from streamlit_app.charts.area import stacked
from streamlit_app.charts.bar import bars
from streamlit_app.charts.cohort import cohorts
from streamlit_app.charts.column import columns_over_time
from streamlit_app.charts.curve import growing
from streamlit_app.charts.flow import came_and_went
from streamlit_app.charts.heat import heat_map
from streamlit_app.charts.interval import intervals
from streamlit_app.charts.line import lines
from streamlit_app.charts.minute import minutes
from streamlit_app.charts.month import paid_and_expected, stacked_months
from streamlit_app.charts.pair import capped_and_not
from streamlit_app.charts.prior import lines_and_before
from streamlit_app.charts.rank import rank_paths
from streamlit_app.charts.volume import volumes
from streamlit_app.charts.world import world_map

__all__ = [
    "bars",
    "came_and_went",
    "capped_and_not",
    "cohorts",
    "columns_over_time",
    "growing",
    "heat_map",
    "intervals",
    "lines",
    "lines_and_before",
    "minutes",
    "paid_and_expected",
    "rank_paths",
    "stacked",
    "stacked_months",
    "volumes",
    "world_map",
]
