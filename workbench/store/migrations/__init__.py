"""How the store came to be: one file per change, applied in order by Alembic, never edited once released."""
