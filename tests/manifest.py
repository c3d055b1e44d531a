"""dbt's `manifest.json`, by what is asked of it: models, their layer, who reads whom."""

from __future__ import annotations

from typing import Any

Node = dict[str, Any]


class Project:
    """The manifest, by what the rules ask for; nodes by their unique id."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        nodes: dict[str, Node] = manifest["nodes"]
        self.nodes = nodes | manifest["sources"]
        self.models = {key: node for key, node in nodes.items() if node["resource_type"] == "model"}
        self.tests = [node for node in nodes.values() if node["resource_type"] == "test"]
        self.sources: dict[str, Node] = manifest["sources"]
        self.exposures: dict[str, Node] = manifest["exposures"]
        self._children: dict[str, list[str]] = manifest["child_map"]

    def parents(self, key: str) -> list[str]:
        listed: list[str] = self.models[key]["depends_on"]["nodes"]
        return listed

    def readers(self, key: str) -> list[str]:
        """The models that read it."""
        return [child for child in self._children[key] if child in self.models]

    def uses(self, key: str) -> list[str]:
        """The models and exposures that read it."""
        return [child for child in self._children[key] if child in self.models or child in self.exposures]

    def layer(self, key: str) -> str:
        kind, *_ = key.split(".")
        return str(self.models[key]["fqn"][1]) if kind == "model" else kind

    def in_layer(self, layer: str) -> dict[str, Node]:
        return {key: node for key, node in self.models.items() if self.layer(key) == layer}
