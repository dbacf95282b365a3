"""The command line: one file per command group, one file per view."""
