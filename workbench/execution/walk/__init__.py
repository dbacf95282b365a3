"""A plan carried out step by step, and every state on the way, each move of it guarded."""
