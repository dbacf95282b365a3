"""What statements of SQL do with columns: pure functions from text, schemas and dialect to edges."""
