"""The processes below a step, as the operating system knows them: found, measured, and ended."""
