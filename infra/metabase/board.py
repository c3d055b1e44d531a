"""A dashboard as its file in boards/ says: questions in SQL on gold, and where each stands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from contracts.errors import BackbeatError

FOLDER = Path(__file__).with_name("boards")
_WIDTH = 24  # columns of Metabase's grid
Display = Literal["scalar", "line", "bar", "row", "area", "combo", "table", "progress", "map"]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Question(_Told):
    """One card: `sql` runs as the reader, whose search path is gold; `settings` have Metabase's own names.

    `at` is column, row, width and height on the dashboard's grid of 24 columns.
    """

    title: Text
    about: Text
    display: Display
    sql: Text
    settings: dict[str, Any] = {}
    at: tuple[int, int, int, int]

    @model_validator(mode="after")
    def _on_the_grid(self) -> Self:
        column, row, width, height = self.at
        if min(column, row) < 0 or min(width, height) < 1 or column + width > _WIDTH:
            raise ValueError(f"{self.title}: at {self.at} is not on the grid")
        return self


class Board(_Told):
    """One dashboard and its questions; titles are unique over all boards, for they are how they are found."""

    title: Text
    about: Text
    questions: Annotated[list[Question], Field(min_length=1)]


def read_boards(folder: Path = FOLDER) -> list[Board]:
    """The boards of `folder`, by file name; BackbeatError names a file that is none."""
    boards = [_read(path) for path in sorted(folder.glob("*.yaml"))]
    titles = [question.title for board in boards for question in board.questions]
    if doubled := {title for title in titles if titles.count(title) > 1}:
        raise BackbeatError(f"{folder}: more than one question is called {', '.join(sorted(doubled))}")
    return boards


def _read(path: Path) -> Board:
    try:
        return Board.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (ValidationError, yaml.YAMLError) as error:
        raise BackbeatError(f"{path}: {' '.join(str(error).split())}") from error
