"""Steps on the workers of a Dask cluster, while the store alone owns their states."""
