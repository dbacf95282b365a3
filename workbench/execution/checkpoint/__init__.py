"""What a notebook has in memory is written down after a cell, and brought back for the next attempt."""
