"""How nouns look in a terminal: pure functions from a noun to something rich can draw."""
