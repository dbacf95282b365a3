"""``python -m workbench`` is ``wb``."""

from __future__ import annotations

from workbench.ui.cli.app import main

if __name__ == "__main__":
    main()
