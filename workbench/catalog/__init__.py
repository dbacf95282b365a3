"""What we know of the data."""
