"""Pictures of what hangs together: a layout computed here, drawn once, the same in pages, notebooks and JupyterLab."""
