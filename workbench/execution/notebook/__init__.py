"""One notebook carried out: papermill and nbclient run its cells; what is kept, limited and told is ours."""
