"""The router: which pages there are, and what happens when one cannot be shown."""

from __future__ import annotations

from pathlib import Path

import duckdb
import streamlit as st

from serving.snapshot import newest
from streamlit_app import viewer
from streamlit_app.snapshot import folder

HERE = Path(__file__).parent

st.set_page_config(page_title="Backbeat", page_icon=str(HERE / "static" / "mark.svg"), layout="wide")
st.logo(str(HERE / "static" / "logo.svg"), icon_image=str(HERE / "static" / "mark.svg"), size="large")
st.html(HERE / "style.css")
st.html(HERE / "page.html", unsafe_allow_javascript=True)


@st.fragment(run_every="3s")
def follow(shown: str | None) -> None:
    """Run the page again as soon as another snapshot is the newest."""
    path = newest(folder())
    if (path.name if path else None) != shown:
        st.rerun()


page = viewer.navigation(
    {
        "Listening": [
            st.Page(
                HERE / "views" / "overview.py", title="Overview", icon=":material/dashboard:", default=True
            ),
            st.Page(HERE / "views" / "now.py", title="Now", icon=":material/sensors:"),
            st.Page(HERE / "views" / "trends.py", title="Trends", icon=":material/trending_up:"),
            st.Page(HERE / "views" / "top_songs.py", title="Top songs", icon=":material/leaderboard:"),
            st.Page(HERE / "views" / "catalogue.py", title="Catalogue", icon=":material/search:"),
        ],
        "Listeners": [
            st.Page(
                HERE / "views" / "your_listening.py", title="Your listening", icon=":material/headphones:"
            ),
            st.Page(
                HERE / "views" / "recommendations.py", title="Recommendations", icon=":material/auto_awesome:"
            ),
        ],
        "Spoken word": [
            st.Page(HERE / "views" / "podcasts.py", title="Podcasts", icon=":material/podcasts:")
        ],
        "Artist business": [
            st.Page(HERE / "views" / "business.py", title="Business", icon=":material/finance_mode:"),
            st.Page(HERE / "views" / "royalties.py", title="Royalties", icon=":material/payments:"),
            st.Page(HERE / "views" / "releases.py", title="Releases", icon=":material/album:"),
            st.Page(HERE / "views" / "campaigns.py", title="Campaigns", icon=":material/campaign:"),
            st.Page(HERE / "views" / "audience.py", title="Audience", icon=":material/groups:"),
        ],
        "Operations": [
            st.Page(HERE / "views" / "growth.py", title="Growth", icon=":material/monitoring:"),
            st.Page(HERE / "views" / "data_quality.py", title="Data quality", icon=":material/verified:"),
        ],
    }
)

latest = newest(folder())
follow(latest.name if latest else None)  # first: a page that has nothing to show ends the run
try:
    page.run()
except (duckdb.CatalogException, duckdb.BinderException) as error:
    st.error(f"This snapshot does not fit the app: {str(error).splitlines()[0]} Run `backbeat refresh`.")
except duckdb.IOException:
    st.error(f"The snapshot {latest} cannot be read. Publish again with `backbeat publish`.")
