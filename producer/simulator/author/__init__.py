"""A catalogue written by a language model."""
