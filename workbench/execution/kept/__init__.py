"""A failed step lets its kernel go on for a while: budgeted, known by name, and gone by itself when time is up."""
