"""Kill -9 and SIGSTOP at random moments over all processes of many runs: what was acknowledged is there, once.

Run with ``python benchmarks/chaos.py``; ``--seed`` chooses the same acts again (what the system makes of them differs).
Three of four acts kill; the others stop a process for longer than its lease. Each run is typed again until it is
acknowledged, several side by side on one project; afterwards everything that must be true of a project is looked at.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import bench
from nemesis import LEASE, ORPHAN_AFTER, STUCK_AFTER, Acts, Nemesis, judge, scratch, script

SHARE = 0.6
"""The part of the time that a run takes in peace within which the next act follows; less, and none comes to its end."""
RESULTS = Path(__file__).with_name("results") / "chaos.json"


def disturb(nemesis: Nemesis, seed: int, runs: int, kills: int, workers: int, span: float) -> None:
    """Carry out at least ``runs`` runs with at least ``kills`` acts upon them, ``workers`` side by side."""
    left, lock = deque(script(random.Random(seed), kills, span)), threading.Lock()
    tokens = iter(range(1, 100 * runs + 100))
    began = time.monotonic()

    def work() -> None:
        mine = Acts()
        while True:
            with lock:
                token = next(tokens)
                if token > runs and not left and not mine:
                    return
                share = max(1, round(len(left) / max(1, runs - token + 1)))
                mine.extend(left.popleft() for _ in range(min(share, len(left))))
            nemesis.carry_out(token, mine)
            done = nemesis.figures
            minutes = (time.monotonic() - began) / 60
            print(
                f"{len(done.tokens)} runs of {done.commands} commands, {sum(done.acts.values())} acts,"
                f" {len(done.faults)} faults, {minutes:.1f} min",
                flush=True,
            )

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def figures(nemesis: Nemesis, faults: Sequence[str]) -> dict[str, Any]:
    """What was done and seen."""
    done = nemesis.figures
    return {
        "runs": len(done.tokens),
        "commands": done.commands,
        "kills": sum(count for act, count in done.acts.items() if act.startswith("kill")),
        "stops": sum(count for act, count in done.acts.items() if act.startswith("stop")),
        "acts": dict(sorted(done.acts.items())),
        "ends": dict(done.ends.most_common()),
        "orphan_seconds": spread(done.orphans),
        "stuck_seconds": spread(done.stuck),
        "faults": list(faults),
    }


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, 95th part of a hundred, and the largest."""
    ordered = sorted(values) or [0.0]
    at = min(len(ordered) - 1, round(0.95 * len(ordered)))
    return {
        "median": round(statistics.median(ordered), 2),
        "p95": round(ordered[at], 2),
        "max": round(ordered[-1], 2),
    }


def main() -> None:
    """Disturb, judge, print, keep; exit with 1 when anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--kills", type=int, default=1000, help="kills and stops together")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--workers", type=int, default=3, help="runs side by side")
    parser.add_argument("--json", type=Path, default=RESULTS)
    parser.add_argument("--keep", type=Path, help="where to leave the project, instead of removing it")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 32)
    print(
        f"python benchmarks/chaos.py --runs {options.runs} --kills {options.kills} --seed {seed}",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        root = scratch(options.keep or Path(folder) / "project")
        nemesis = Nemesis(root, random.Random(seed + 1))
        began = time.monotonic()
        nemesis.carry_out(0, Acts())  # one in peace says how long a run takes
        span = time.monotonic() - began
        disturb(nemesis, seed, options.runs, options.kills, options.workers, SHARE * span)
        found = {"seed": seed, "lease_seconds": LEASE, "quiet_run_seconds": round(span, 1)}
        found |= figures(nemesis, judge(root, nemesis.figures))
    found["minutes"] = round((time.monotonic() - began) / 60, 1)
    print(json.dumps(found, indent=1))
    print(
        f"{found['runs']} runs, {found['kills']} kills, {found['stops']} stops: {len(found['faults'])} faults;"
        f" processes gone after {found['orphan_seconds']['max']} s at most (limit {ORPHAN_AFTER:.0f}),"
        f" states final after {found['stuck_seconds']['max']} s at most (limit {STUCK_AFTER:.0f})"
    )
    found |= {
        "title": f"{found['runs']} runs, {found['kills']} kills, {found['stops']} stops",
        "promises": [
            bench.promise("nothing is lost, double, stuck or left", len(found["faults"]), not found["faults"])
        ],
    }
    sys.exit(bench.conclude(found, options.json))


if __name__ == "__main__":
    main()
