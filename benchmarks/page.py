"""Takes over what was measured into docs/speed.md: ``python benchmarks/page.py`` writes its table."""

from __future__ import annotations

import json
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "speed.md"
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"
ORDER = ("engines", "overhead", "outputs", "plan", "many_steps", "dask", "chaos", "ui")
WORDS = {True: "yes", False: "**no**", None: "not measured"}


def table() -> str:
    """The promises and what came of them, from ``results``."""
    lines = ["| measured | promised | came to | kept |", "|---|---|---|---|"]
    for name in ORDER:
        file = HERE / "results" / f"{name}.json"
        if file.exists():
            figures = json.loads(file.read_text())
            for each in figures["promises"]:
                value = "" if each["value"] is None else f"{each['value']:g}"
                lines.append(f"| {figures['title']} | {each['promise']} | {value} | {WORDS[each['kept']]} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write it between the marks."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{table()}\n{END}{after}")


if __name__ == "__main__":
    main()
