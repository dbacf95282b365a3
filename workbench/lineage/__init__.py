"""An edge says that this was computed from those; all here makes, stores or walks edges."""
