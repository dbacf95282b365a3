"""What each command does: read its arguments, ask the project, hand a noun to a view."""
