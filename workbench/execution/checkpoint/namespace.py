"""In the kernel: the variables of a notebook are saved after a cell, and brought back before another one.

``save`` and ``restore`` are called in expressions that the client evaluates, so that nothing of theirs is seen by the
notebook. What they are to do stands in ``request.json`` in a folder, what came of it in ``namespace.json``.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.execution.checkpoint import definitions, libraries, values
from workbench.execution.checkpoint.definitions import HISTORY, Source, Statement
from workbench.execution.checkpoint.frames import Refused

REQUEST, NAMESPACE = "request.json", "namespace.json"
DONE, REFUSED = "done", "refused: "
"""What an expression gives when all went well, and how it begins when nothing was touched; else it says what failed."""
OWN = ("JPY_", "WORKBENCH_", "TMPDIR", "PYTHONPATH")
"""Beginnings of the environment variables that belong to an attempt."""


def save(folder: str) -> str:
    """Write down what the notebook has in memory, and what of it cannot be. Gives DONE, or what went wrong."""
    try:
        place = Path(folder)
        request = json.loads((place / REQUEST).read_text())
        text = json.dumps(_saved(place, request))
        if len(text) > request["room"]:
            return "it would be too large"
        (place / NAMESPACE).write_text(text)
        return DONE
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:300]}"


def restore(folder: str, request: str) -> str:
    """Bring back what was saved in ``folder``; ``request`` is a file with the ``cells`` above, and the ``later`` ones.

    Gives DONE, or why the notebook would not go on as it was: after REFUSED the kernel is as it was, else of no use.
    """
    try:
        place = Path(folder)
        return _restored(place, json.loads((place / NAMESPACE).read_text()), json.loads(Path(request).read_text()))
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:300]}"


def _saved(folder: Path, request: Mapping[str, Any]) -> dict[str, Any]:
    started = time.monotonic()
    shell = _shell()
    known = definitions.definitions(_sources(shell, request["cells"]))
    own = {name: value for name, value in shell.user_ns.items() if _is_own(shell, name, value)}
    makers = {id(own[name]): name for name, statement in known.items() if _made_by(own.get(name), statement)}
    writer = values.Writer(folder, request["room"], lambda value: makers.get(id(value)), request["pickle"])
    held, left_out = {}, {}
    for name, value in own.items():
        try:
            held[name] = writer.add(value)
        except Refused as error:
            left_out[name] = str(error)
    return {
        "names": held,
        "objects": writer.objects,
        "left_out": left_out,
        "seeds": libraries.seeds(),
        "count": shell.execution_count,
        "flags": shell.compile.flags,
        "cwd": str(Path.cwd()),
        "environment": _changed(request["environment"]),
        "seconds": round(time.monotonic() - started, 3),
    }


def _made_by(value: Any, statement: Statement) -> bool:
    kinds = isinstance(value, type) or callable(value)
    return kinds and definitions.stands_for(value, statement)


def _restored(folder: Path, saved: Mapping[str, Any], request: Mapping[str, Any]) -> str:
    shell = _shell()
    sources, later = _sources(shell, request["cells"]), _sources(shell, request["later"])
    known = definitions.definitions(sources)
    if lacking := _lacking(saved["left_out"], definitions.used(later, known)):
        return f"{REFUSED}a later cell uses {lacking}"
    if not request["pickle"] and any(plain and plain["k"] == "pickle" for plain in saved["objects"]):
        return f"{REFUSED}the checkpoint holds what only pickle saves, and the step does not allow that any more"
    for cell, source, count in zip(request["cells"], sources, request["counts"], strict=True):
        shell.compile.cache(source.text, count, cell)
    shell.compile.flags = saved["flags"]
    _stand(saved)
    names = shell.user_ns
    for statement in definitions.imports(sources):
        definitions.run(statement, names, saved["flags"])
    made: dict[str, Any] = {}
    reader = values.Reader(folder, saved["objects"], made.__getitem__)
    wanted = set(_definitions_in([saved["names"], saved["objects"]]))
    unmade = [name for name in known if name in wanted]
    waiting = _set(names, reader, saved["names"])
    for _ in range(2):  # a default or a class body may need a value, a value may need a class
        unmade = [name for name in unmade if not _make(known[name], name, names, made)]
        waiting = _set(names, reader, waiting)
    if unmade or waiting:
        return f"{', '.join([*unmade, *waiting])} could not be made again"
    libraries.reseed(saved["seeds"])
    shell.execution_count = saved["count"]
    return DONE


def _stand(saved: Mapping[str, Any]) -> None:
    """Go where the notebook had gone, with the environment variables that it had set."""
    if Path(saved["cwd"]).is_dir():
        os.chdir(saved["cwd"])
    for name, value in saved["environment"].items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _make(statement: Statement, name: str, names: dict[str, Any], made: dict[str, Any]) -> bool:
    """Run a definition; false when it needs a name that is not there yet. It gets its name when that was its own."""
    before = {name: names[name]} if name in names else {}
    try:
        definitions.run(statement, names, _shell().compile.flags)
    except NameError:
        return False
    made[name] = names.pop(name)
    names.update(before)
    return True


def _set(names: dict[str, Any], reader: values.Reader, saved: Mapping[str, Any]) -> dict[str, Any]:
    """Set the variables whose values can be made; gives those that wait for a definition."""
    waiting = {}
    for name, plain in saved.items():
        try:
            names[name] = reader.value(plain)
        except KeyError:
            waiting[name] = plain
    return waiting


def _lacking(left_out: Mapping[str, str], used: Iterable[str]) -> str:
    """What is used of what was left out, with the reasons; empty when the later cells can do without."""
    used = set(used)
    missing = left_out if "*" in used else {name: left_out[name] for name in left_out if name in used}
    told = [f"{name} ({reason})" for name, reason in missing.items()]
    history = sorted(name for name in used if name in HISTORY or (name.startswith("_") and name[1:].isdigit()))
    return ", ".join([*told, *(f"{name} (the history of the kernel)" for name in history)])


def _definitions_in(plain: Any) -> Iterator[str]:
    """The names of the definitions that values mention."""
    waiting = [plain]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            if item.get("k") == "defined":
                yield item["v"]
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def _is_own(shell: Any, name: str, value: Any) -> bool:
    """Whether a name is the notebook's, and none of IPython's, which keeps ``_``, ``_12``, ``_i`` and ``_i12``."""
    if name in shell.user_ns_hidden and shell.user_ns_hidden[name] is value:
        return False
    rest = name.lstrip("_")
    return not name.startswith("_") or (rest != "" and rest.rstrip("0123456789").strip("i") != "")


def _sources(shell: Any, cells: Sequence[str]) -> list[Source]:
    """The Python of cells, under the names that the kernel gives or would give to it."""
    found = []
    for cell in cells:
        try:
            text = shell.transform_cell(cell)
        except SyntaxError:
            text = ""
        found.append(Source(text, shell.compile.get_code_name(cell, text, 0)))
    return found


def _changed(before: Mapping[str, str]) -> dict[str, str | None]:
    """The environment variables that differ from ``before``, which has their digests; None for those that are gone."""
    now = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
    changed: dict[str, str | None] = {name: now[name] for name in now if before.get(name) != digest(now[name])}
    return {**dict.fromkeys(name for name in before if name not in now and not name.startswith(OWN)), **changed}


def digest(text: str) -> str:
    """What stands for the value of an environment variable, which may be a secret."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _shell() -> Any:
    from IPython import get_ipython

    shell: Any = get_ipython()
    if shell is None:
        raise RuntimeError("there is no IPython in this kernel")
    return shell
