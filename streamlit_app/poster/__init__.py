"""A listener's year as a picture to share."""

from streamlit_app.poster.picture import picture

__all__ = ["picture"]
