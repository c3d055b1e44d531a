"""The JSON Schemas of the OpenAPI document: events as the contract has them, listens as ListenBrainz does."""

from __future__ import annotations

from typing import Any

from contracts.events import TOPICS
from producer.collector.listen import EARLIEST_S
from producer.collector.submission import MOST_LISTENS
from producer.collector.track import LONGEST_S, LONGEST_TAG, MOST_TAGS

Schema = dict[str, Any]
_FROM_US = {"source", "received_at"}
_OPTIONAL = {"event_id", "schema_version"}
_STATUSES = ["accepted", "rejected", "unacknowledged"]
_COUNT = {"type": "integer", "minimum": 0}


def ref(name: str) -> Schema:
    """A reference to one of these schemas."""
    return {"$ref": f"#/components/schemas/{name}"}


def components() -> dict[str, Schema]:
    """Name → schema; an event's is its topic's."""
    return _SCHEMAS | {topic: event_schema(topic) for topic in TOPICS}


def event_schema(topic: str) -> Schema:
    """An event of `topic` as it is sent: with its topic, without what the collector sets."""
    schema = TOPICS[topic].model_json_schema()
    fields = {name: field for name, field in schema["properties"].items() if name not in _FROM_US}
    required = [name for name in schema["required"] if name not in _FROM_US | _OPTIONAL]
    return {
        "type": "object",
        "title": topic,
        "description": schema["description"],
        "required": ["topic", *required],
        "properties": {"topic": {"type": "string", "const": topic}, **fields},
    }


_FAULT = {
    "type": "object",
    "required": ["code", "field"],
    "properties": {
        "code": {"type": "string", "description": "missing_field, invalid_field, occurred_in_future …"},
        "field": {"type": "string", "description": 'The field; "" for the event as a whole.'},
    },
}
_EVENT_ANSWER = {
    "type": "object",
    "required": ["index", "event_id", "status"],
    "properties": {
        "index": {**_COUNT, "description": "Place in the batch, from 0; empty lines are not counted."},
        "event_id": {"type": ["string", "null"], "description": "Its id: as sent, or as made for it."},
        "status": {"type": "string", "enum": _STATUSES},
        "errors": {"type": "array", "items": _FAULT},
    },
}
_SCHEMAS: dict[str, Schema] = {
    "Error": {
        "type": "object",
        "required": ["code", "error"],
        "properties": {"code": {"type": "integer"}, "error": {"type": "string"}},
    },
    "EventAnswer": _EVENT_ANSWER,
    "BatchAnswer": {
        "type": "object",
        "required": [*_STATUSES, "events"],
        "properties": {
            **dict.fromkeys(_STATUSES, _COUNT),
            "events": {"type": "array", "items": ref("EventAnswer")},
        },
    },
    "Event": {
        "oneOf": [ref(topic) for topic in TOPICS],
        "discriminator": {
            "propertyName": "topic",
            "mapping": {topic: ref(topic)["$ref"] for topic in TOPICS},
        },
    },
    "Listen": {
        "type": "object",
        "required": ["track_metadata"],
        "properties": {
            "listened_at": {
                "type": "integer",
                "minimum": EARLIEST_S,
                "description": "When it began, in seconds; not of playing_now.",
            },
            "track_metadata": ref("TrackMetadata"),
        },
        "additionalProperties": False,
    },
    "TrackMetadata": {
        "type": "object",
        "required": ["artist_name", "track_name"],
        "properties": {
            "artist_name": {"type": "string", "pattern": r"\S"},
            "track_name": {"type": "string", "pattern": r"\S"},
            "release_name": {"type": "string"},
            "additional_info": ref("AdditionalInfo"),
        },
    },
    "AdditionalInfo": {
        "type": "object",
        "properties": {
            "recording_mbid": {"type": "string", "format": "uuid"},
            "artist_mbids": {"type": "array", "items": {"type": "string", "format": "uuid"}},
            "isrc": {"type": "string"},
            "duration_ms": {"type": "integer", "minimum": 1, "maximum": LONGEST_S * 1000},
            "duration": {"type": "integer", "minimum": 1, "maximum": LONGEST_S},
            "duration_played": {"type": "integer", "maximum": LONGEST_S, "description": "Seconds."},
            "tags": {
                "type": "array",
                "maxItems": MOST_TAGS,
                "items": {"type": "string", "maxLength": LONGEST_TAG},
            },
            "media_player": {"type": "string"},
            "submission_client": {"type": "string"},
        },
    },
    "Submission": {
        "type": "object",
        "required": ["listen_type", "payload"],
        "properties": {
            "listen_type": {"type": "string", "enum": ["single", "playing_now", "import"]},
            "payload": {"type": "array", "minItems": 1, "maxItems": MOST_LISTENS, "items": ref("Listen")},
        },
    },
    "SubmissionAnswer": {
        "type": "object",
        "required": ["status"],
        "properties": {"status": {"type": "string", "const": "ok"}},
    },
    "TokenAnswer": {
        "type": "object",
        "required": ["code", "message", "valid"],
        "properties": {
            "code": {"type": "integer"},
            "message": {"type": "string"},
            "valid": {"type": "boolean"},
            "user_name": {"type": "string"},
        },
    },
    "Health": {
        "type": "object",
        "required": ["reasons"],
        "properties": {"reasons": {"type": "array", "items": {"type": "string"}}},
    },
}
