"""Faces: the only place that prints, serves or draws; one codec turns nouns into JSON for all of them."""
