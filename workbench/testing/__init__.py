"""Unit tests for notebooks: a step runs on small datasets kept beside it, and must make of them what it made before."""
