"""Who is looking, and what they may see.

Without a log-in (BACKBEAT_OIDC_ISSUER is empty) only this machine reaches the app, and sees everything.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import TYPE_CHECKING, NoReturn, Protocol, TypeVar

import streamlit as st

from contracts.errors import BackbeatError
from serving.host import is_local
from serving.settings import AppSettings

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage


class _HasTitle(Protocol):
    @property
    def title(self) -> str: ...


Titled = TypeVar("Titled", bound=_HasTitle)

# What a listener is offered by a page's title: a page not named here is for those who see everybody.
OWN_PAGES = frozenset({"Your listening", "Recommendations"})
SHARED_PAGES = frozenset({"Overview", "Trends", "Charts", "Top songs", "Catalogue", "Podcasts"})
# Of the artist's business: what is money alone, and what shows money to those alone who may see it.
MONEY_PAGES = frozenset({"Royalties"})
BUSINESS_PAGES = frozenset({"Business", "Campaigns", "Releases", "Audience"})


@dataclass(frozen=True)
class Viewer:
    """`user_id` is whose history is theirs, None where that is unknown or they look at everybody's."""

    name: str = ""
    user_id: str | None = None
    sees_everybody: bool = False
    sees_money: bool = False

    def may_see(self, user_id: str) -> bool:
        """Whether one listener's rows are for this viewer."""
        return self.sees_everybody or (bool(user_id) and user_id == self.user_id)

    def may_open(self, title: str) -> bool:
        """Whether a page is for this viewer."""
        if title in MONEY_PAGES:
            return self.sees_money
        if self.sees_everybody or title in SHARED_PAGES:
            return True
        if title in BUSINESS_PAGES:
            return self.sees_money
        return title in OWN_PAGES and self.user_id is not None


EVERYBODY = Viewer(sees_everybody=True, sees_money=True)


def viewer_of(claims: Mapping[str, object], settings: AppSettings, now: float) -> Viewer | None:
    """Who is looking, by the claims of their ID token; None: they have to log in. `now` in epoch s."""
    if not settings.oidc_issuer:
        return EVERYBODY
    issued = claims.get("iat")
    if claims.get("is_logged_in") is not True or not isinstance(issued, int | float):
        return None
    if now - issued > settings.oidc_hours * 3600:
        return None
    roles = words(claim(claims, settings.oidc_role_claim))
    user = claim(claims, settings.oidc_user_claim)
    shown = claims.get("name") or claims.get("email") or claims.get("sub") or "somebody"
    return Viewer(
        name=str(shown),
        user_id=user if isinstance(user, str) and user else None,
        sees_everybody=bool(roles & words(settings.oidc_analyst_roles)),
        sees_money=bool(roles & words(settings.oidc_finance_roles)),
    )


def claim(claims: Mapping[str, object], path: str) -> object:
    """The claim of that name, or what the name's dots lead to; None where it is missing."""
    found: object = claims
    if path in claims:  # names with dots of their own: https://example.com/roles
        return claims[path]
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def words(value: object) -> frozenset[str]:
    """A list's strings, or those of a text between commas."""
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list | tuple) else []
    return frozenset(part.strip() for part in parts if isinstance(part, str) and part.strip())


@cache
def _settings() -> AppSettings:
    return AppSettings()


def current() -> Viewer | None:
    """Who is looking at this session; None before they have logged in."""
    settings = _settings()
    claims = st.user.to_dict() if settings.oidc_issuer else {}
    return viewer_of(claims, settings, time.time())


def require(user_id: object) -> None:
    """Raise BackbeatError unless who is looking may see that listener's rows: no page can forget to ask."""
    viewer = current()
    if viewer is None or not viewer.may_see(str(user_id or "")):
        raise BackbeatError("this log-in may see its own history only")


def sees_everybody() -> bool:
    """Whether who is looking may see who listens."""
    viewer = current()
    return viewer is not None and viewer.sees_everybody


def require_everybody() -> None:
    """Raise BackbeatError unless who is looking may see who listens: no query can forget to ask."""
    if not sees_everybody():
        raise BackbeatError("this log-in may not see listeners (BACKBEAT_OIDC_ANALYST_ROLES)")


def sees_money() -> bool:
    """Whether who is looking may see money."""
    viewer = current()
    return viewer is not None and viewer.sees_money


def require_money() -> None:
    """Raise BackbeatError unless who is looking may see money: no query can forget to ask."""
    if not sees_money():
        raise BackbeatError("this log-in may not see money (BACKBEAT_OIDC_FINANCE_ROLES)")


def navigation(pages: Mapping[str, list[StreamlitPage]]) -> StreamlitPage:
    """The page to run, of those that are for who is looking; below the list who that is, and the way out.

    Without a log-in the script asks for one, and ends here.
    """
    address = st.get_option("server.address") or "every address"
    if not _settings().oidc_issuer and not is_local(address):
        st.error(f"The app listens at {address} without a log-in: start it with `backbeat app`.")
        st.stop()
    viewer = current() or _ask()
    page = st.navigation(offered(viewer, pages), expanded=True)
    if viewer.name:
        with st.sidebar:
            st.html(f'<p class="bb-who">Logged in as <b>{escape(viewer.name)}</b></p>')
            st.button("Log out", icon=":material/logout:", on_click=st.logout, key="log_out")
    return page


def offered(viewer: Viewer, pages: Mapping[str, list[Titled]]) -> dict[str, list[Titled]]:
    """The sections with the pages that are for this viewer; empty sections go."""
    kept = {name: [page for page in listed if viewer.may_open(page.title)] for name, listed in pages.items()}
    return {name: listed for name, listed in kept.items() if listed}


def _ask() -> NoReturn:
    st.title("Backbeat")
    st.markdown("What is played, by whom it is heard, and what to play next.")
    st.button("Log in", icon=":material/login:", type="primary", on_click=st.login, key="log_in")
    st.stop()
