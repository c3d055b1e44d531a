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
        self.seeds = {key: node for key, node in nodes.items() if node["resource_type"] == "seed"}
        self.snapshots = {key: node for key, node in nodes.items() if node["resource_type"] == "snapshot"}
        self.tests = [node for node in nodes.values() if node["resource_type"] == "test"]
        self.sources: dict[str, Node] = manifest["sources"]
        self.exposures: dict[str, Node] = manifest["exposures"]
        self.overview: str = manifest["docs"]["doc.backbeat.__overview__"]["block_contents"]
        self.doc_blocks = _own_doc_blocks(manifest)
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

    def downstream(self, key: str) -> set[str]:
        """Everything that reads it, directly or through others."""
        found: set[str] = set()
        waiting = [key]
        while waiting:
            children = set(self._children.get(waiting.pop(), [])) - found
            found |= children
            waiting += children
        return found

    def layer(self, key: str) -> str:
        kind, *_ = key.split(".")
        return str(self.models[key]["fqn"][1]) if kind == "model" else kind

    def in_layer(self, layer: str) -> dict[str, Node]:
        return {key: node for key, node in self.models.items() if self.layer(key) == layer}


def _own_doc_blocks(manifest: dict[str, Any]) -> dict[str, str]:
    """Name → text of the project's own doc blocks of columns; the overview is a page."""
    own = [block for block in manifest["docs"].values() if block["package_name"] == "backbeat"]
    return {block["name"]: block["block_contents"] for block in own if block["name"] != "__overview__"}
