"""Running it: the only owner of run states."""
