"""A long table has pages: as many rows as a browser draws at once, and a way to those before and after."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def page() -> None:
    import polars as pl  # noqa: PLC0415 - AppTest runs the text of this function alone
    import streamlit as st  # noqa: PLC0415 - as above

    from streamlit_app import components  # noqa: PLC0415 - as above

    rows = pl.DataFrame({"number": range(1, 801)})
    components.table("long", "Long", rows, {"number": st.column_config.NumberColumn("Number", format="%d")})
    few = {"number": st.column_config.NumberColumn("Number", format="%d")}
    components.table("short", "Short", rows.head(3), few)


def written(app: AppTest) -> str:
    return " ".join(str(element.proto.body) for element in app.get("html"))


def buttons(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def test_a_long_table_turns_its_pages_and_a_short_one_has_none() -> None:
    app = AppTest.from_function(page).run()
    assert not app.exception
    assert "Rows 1 to 360 of 800; the CSV has all" in written(app)
    assert "Rows 1 to 3 of" not in written(app)
    assert buttons(app) == ["Next"]
    app.button[0].click().run()
    assert "Rows 361 to 720 of 800" in written(app)
    assert buttons(app) == ["Previous", "Next"]
    app.button[1].click().run()
    assert "Rows 721 to 800 of 800" in written(app)
    assert buttons(app) == ["Previous"]
    app.button[0].click().run()
    assert "Rows 361 to 720 of 800" in written(app)
