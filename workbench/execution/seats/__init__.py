"""Kernels that are ready before they are needed: forked from an image of what the steps import, each used once."""
