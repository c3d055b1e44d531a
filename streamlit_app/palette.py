"""The app's colours. Hue never stands alone: order, labels, signs and arrows say the same."""

from __future__ import annotations

GROUND = "#0c0e13"
PANEL = "#12151d"
LINE = "#262b38"
TEXT = "#e9ebf1"
MUTED = "#98a0b3"
ACCENT = "#ffb347"
SECOND = "#5ab4f0"
LAND = "#1f2430"

# Told apart under red-green and blue-yellow colour blindness (after Okabe and Ito, lightened for dark).
CATEGORIES = ("#ffb347", "#5ab4f0", "#b48cff", "#3fcf9f", "#f0e05a", "#f47fb0", "#8b93a7")

# From dark to light, so that it reads as more even without any hue.
SEQUENCE = ("#2b1d4a", "#6b2a78", "#b93f72", "#ee7a4b", "#ffb347", "#fff0c2")
