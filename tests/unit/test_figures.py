"""Every figure a document shows is one that was measured."""

from __future__ import annotations

from benchmarks.report import rendered


def test_the_documents_show_the_measured_figures() -> None:
    documents = rendered()
    assert len(documents) == 2
    assert [str(path) for path, text in documents.items() if path.read_text() != text] == []
