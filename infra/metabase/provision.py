"""Have in Metabase what the files say: what is missing is made, what differs is changed, the rest is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from infra.metabase.api import MetabaseApi
from infra.metabase.board import Board, Question
from infra.metabase.settings import MetabaseSettings

DATABASE, COLLECTION, QUESTIONS = "Backbeat gold", "Backbeat", "Questions"
Tell = Callable[[str], None]


class Provisioner:
    """Makes and changes; `counts` are of `made`, `changed` and `left` things."""

    def __init__(self, api: MetabaseApi, tell: Tell) -> None:
        self._api = api
        self._tell = tell
        self.counts: Counter[str] = Counter()

    def run(self, settings: MetabaseSettings, boards: Sequence[Board]) -> None:
        """Connection, collections, questions, dashboards: each needs the ids of those before."""
        database = self._database(settings)
        collection = self._collection(COLLECTION, None)
        below = self._collection(QUESTIONS, collection)
        held = self._held(below, "card")
        dashboards = self._held(collection, "dashboard")
        for board in boards:
            cards = [self._question(each, database, below, held.get(each.title)) for each in board.questions]
            self._dashboard(board, cards, collection, dashboards.get(board.title))

    def _database(self, settings: MetabaseSettings) -> int:
        """The connection's id; it is given its password anew where it does not work."""
        details = connection(settings)
        wanted = {"name": DATABASE, "engine": "postgres", "details": details}
        for found in self._api.get("database")["data"]:
            if found["name"] != DATABASE:
                continue
            number = int(found["id"])
            held = self._api.get(f"database/{number}")["details"]
            is_same = all(held.get(name) == value for name, value in details.items() if name != "password")
            works = self._api.get(f"database/{number}/healthcheck")["status"] == "ok"
            if not (is_same and works):
                self._api.put(f"database/{number}", wanted)
            self._count("left" if is_same and works else "changed", f"connection {DATABASE}")
            return number
        self._count("made", f"connection {DATABASE}")
        return int(self._api.post("database", wanted)["id"])

    def _collection(self, name: str, parent: int | None) -> int:
        """Its id. One that somebody has renamed is another one."""
        location = "/" if parent is None else f"/{parent}/"
        for found in self._api.get("collection"):
            if (found.get("name"), found.get("location")) == (name, location) and not found.get("archived"):
                self._count("left", f"collection {name}")
                return int(found["id"])
        self._count("made", f"collection {name}")
        return int(self._api.post("collection", {"name": name, "parent_id": parent})["id"])

    def _held(self, collection: int, model: str) -> dict[str, int]:
        """Name → id of what the collection holds of one kind."""
        items = self._api.get(f"collection/{collection}/items", models=model)["data"]
        return {item["name"]: int(item["id"]) for item in items if item["model"] == model}

    def _question(self, question: Question, database: int, collection: int, number: int | None) -> int:
        query = {"type": "native", "database": database, "native": {"query": question.sql}}
        wanted = {
            "name": question.title,
            "description": question.about,
            "display": question.display,
            "visualization_settings": question.settings,
        }
        if number is None:
            body = {**wanted, "dataset_query": query, "collection_id": collection, "type": "question"}
            self._count("made", f"question {question.title}")
            return int(self._api.post("card", body)["id"])
        held = self._api.get(f"card/{number}")
        asked = (held["dataset_query"].get("database"), sql_of(held["dataset_query"]))
        is_same = asked == (database, question.sql) and all(held.get(key) == wanted[key] for key in wanted)
        if not is_same:
            self._api.put(f"card/{number}", {**wanted, "dataset_query": query})
        self._count("left" if is_same else "changed", f"question {question.title}")
        return number

    def _dashboard(self, board: Board, cards: list[int], collection: int, number: int | None) -> None:
        if number is None:
            body = {"name": board.title, "description": board.about, "collection_id": collection}
            number = int(self._api.post("dashboard", body)["id"])
            how = "made"
        else:
            how = "changed"
        held = self._api.get(f"dashboard/{number}")
        known = {card["card_id"]: int(card["id"]) for card in held["dashcards"]}
        places = [question.at for question in board.questions]
        wanted = [
            _dashcard(known.get(card, -position), card, at)
            for position, (card, at) in enumerate(zip(cards, places, strict=True), 1)
        ]
        there = {tuple(card.get(key) for key in _PLACE) for card in held["dashcards"]}
        is_same = (
            there == {tuple(card[key] for key in _PLACE) for card in wanted}
            and held["description"] == board.about
        )
        if is_same:
            how = "left"
        else:
            self._api.put(f"dashboard/{number}", {"description": board.about, "dashcards": wanted})
        self._count(how, f"dashboard {board.title}")

    def _count(self, how: str, what: str) -> None:
        self.counts[how] += 1
        if how != "left":
            self._tell(f"{how} {what}")


_PLACE = ("card_id", "col", "row", "size_x", "size_y")


def _dashcard(number: int, card: int, at: tuple[int, int, int, int]) -> dict[str, Any]:
    """A place on a dashboard; one with a negative number is new."""
    return {"id": number, **dict(zip(_PLACE, (card, *at), strict=True))}


def connection(settings: MetabaseSettings) -> dict[str, Any]:
    """Metabase's details of a PostgreSQL: gold alone, as the role that can only read."""
    return {
        "host": settings.postgres_host,
        "port": settings.postgres_port,
        "dbname": settings.postgres_database,
        "user": settings.postgres_reader,
        "password": settings.reader_password(),
        "ssl": settings.postgres_sslmode in {"require", "verify-ca", "verify-full"},
        "schema-filters-type": "inclusion",
        "schema-filters-patterns": settings.postgres_schema,
    }


def sql_of(query: dict[str, Any]) -> str | None:
    """The SQL of a native query in either of the shapes in which Metabase tells it."""
    native = query["stages"][0].get("native") if "stages" in query else query.get("native", {}).get("query")
    return native if isinstance(native, str) else None
