"""Nouns: frozen values from the standard library alone, that every room may hold and none may change."""
