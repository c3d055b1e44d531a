"""Every question the pages ask of a snapshot; values are bound, never pasted."""
