"""The server: what a project knows and can do, over HTTP inside Jupyter's own server, for whoever may use that."""
