"""A step runs on small datasets kept beside it, in a project of its own, and must make of them what it made before."""
