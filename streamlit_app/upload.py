"""Bring your own history: drop files, see what was accepted and what was not, refresh."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from threading import Lock

import polars as pl
import streamlit as st

from contracts.errors import BackbeatError
from serving.host import is_local
from serving.settings import AppSettings
from streamlit_app import components, importing, viewer
from streamlit_app.importing import Dropped, Imported
from streamlit_app.refreshing import Refreshing

_TOLD, _ASKED = "import_told", "refresh_asked"
_MOST_MIB = 500
_ACCEPTED = (
    "Spotify, Last.fm, ListenBrainz, Apple Music, YouTube Music and others, as downloaded: also the zip "
    "archive. What a file is, is told by its content. The same file again adds nothing."
)


def is_offered(settings: AppSettings) -> bool:
    """Whether the one who looks may import here: BACKBEAT_APP_IMPORT, and the log-in if there is one."""
    looking = viewer.current()
    if looking is None or not looking.sees_everybody or settings.app_import == "off":
        return False
    return settings.app_import == "on" or is_local(st.get_option("server.address") or "")


def section() -> None:
    """The place to drop files, and what became of them; nothing where importing is off."""
    settings = AppSettings()
    if not is_offered(settings):
        return
    # Its form is made when it is opened: a browser draws what nobody sees, too.
    place = st.expander(
        "Bring your own history",
        icon=":material/upload_file:",
        expanded=_TOLD in st.session_state,
        key="bring",
        on_change="rerun",
    )
    if place.open:
        with place:
            _form(settings)


def _form(settings: AppSettings) -> None:
    """What takes the files, and what became of the last ones."""
    told = st.session_state.get(_TOLD)
    with st.form("import", clear_on_submit=True, border=False):
        files = st.file_uploader(
            "Drop your export here", accept_multiple_files=True, max_upload_size=_MOST_MIB, help=_ACCEPTED
        )
        listener = st.text_input(
            "Whose history is it?",
            placeholder="me",
            max_chars=80,
            help="A name of your choice; only a pseudonym made of it is kept. One name is one listener.",
        )
        asked = st.form_submit_button("Import", type="primary", icon=":material/upload:")
    if asked:
        told = st.session_state[_TOLD] = _brought_in(files, listener.strip(), settings)
    if isinstance(told, Imported):
        _tell(told, settings)
    elif told:
        st.error("That could not be imported. Nothing was added.")
        st.text(told)


@cache
def _one_at_a_time() -> Lock:
    return Lock()


@cache
def _refreshing() -> Refreshing:
    """Whose progress all sessions see."""
    return Refreshing(_one_at_a_time())


def _brought_in(files: Sequence[Dropped], listener: str, settings: AppSettings) -> Imported | str:
    """What the import told, or why there is none."""
    if not files:
        return "No file was dropped: choose one or more, then import."
    if not _one_at_a_time().acquire(blocking=False):
        return "Another import or refresh is under way: try again when it is done."
    try:
        with st.spinner("Reading, checking, landing"):
            return importing.bring_in(files, listener, settings.app_folder)
    except BackbeatError as error:
        return str(error)
    finally:
        _one_at_a_time().release()


def _tell(told: Imported, settings: AppSettings) -> None:
    """Rows in, accepted and rejected; per file and by reason; and what a refresh will bring."""
    st.success(f"{told.accepted:,} of {told.rows_in:,} rows accepted, {told.rejected:,} rejected.")
    for name in told.known:
        st.text(f"{name}: imported before, it adds nothing.")
    for line in told.damaged:
        st.text(f"{line}; what can be read is imported.")
    for name, reason in told.skipped:
        st.text(f"{name}: {reason}; skipped.")
    left, right = st.columns([1.7, 1]) if told.by_reason else (st.container(), st.container())
    with left:
        names = ["file", "kind", "rows_in", "accepted", "rejected"]
        rows = pl.DataFrame(told.files, names, orient="row")
        components.table(
            "imported",
            "Files",
            rows,
            {name: st.column_config.Column(name.replace("_", " ").title()) for name in names},
        )
    if told.by_reason:
        reasons = pl.DataFrame(list(told.by_reason.items()), ["reason", "rows"], orient="row")
        shown = {name: st.column_config.Column(name.title()) for name in reasons.columns}
        with right:
            components.table("import_reasons", "Rejected, by reason", reasons, shown)
    if told.accepted or told.known:
        _next_steps(settings)


def _next_steps(settings: AppSettings) -> None:
    """What has to happen until the rows are on this page."""
    if settings.kafka_bootstrap:
        st.markdown(
            "The rows are in Kafka. When `backbeat sink` has landed them, the next refresh brings them here."
        )
    else:
        st.markdown(
            "The rows are in the lake. A refresh builds them into plays and charts, in about a minute."
        )
    st.caption("Listeners with a history of their own come first in the list below.")
    if st.button(
        "Refresh now", icon=":material/refresh:", key="refresh_now", disabled=_refreshing().state.running
    ):
        if _refreshing().start(settings.app_folder):
            st.session_state[_ASKED] = True
        else:
            st.error("Another import or refresh is under way: try again when it is done.")
    if _refreshing().state.running:
        _progress()
    elif _refreshing().state.failed and _ASKED in st.session_state:
        st.error(
            f"The refresh failed ({_refreshing().state.words}). The page still shows what was there before."
        )
        st.text(_refreshing().state.failed)


@st.fragment(run_every="0.5s")
def _progress() -> None:
    """How far the refresh is, until it has ended: then the page says how, or follows the new snapshot."""
    state = _refreshing().state
    if state.running:
        st.progress(state.share, state.words)
        return
    if state.snapshot and st.session_state.pop(_ASKED, False):
        st.session_state.pop(_TOLD, None)
    st.rerun()
