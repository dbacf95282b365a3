"""Pages that need nothing else: no script, no address to fetch from, light and dark."""
