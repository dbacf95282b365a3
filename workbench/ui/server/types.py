"""TypeScript's types of the answers, made from the table of routes: ``python -m workbench.ui.server.types FILE``."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from workbench.ui.run_shapes import RunEvent
from workbench.ui.server.page import Page, Script
from workbench.ui.server.problems import Problem
from workbench.ui.server.routes import ROUTES
from workbench.ui.server.schema import Json, Schemas
from workbench.ui.server.values import without_none

HEAD = "// Made by `python -m workbench.ui.server.types`: change the shapes in Python, then make it again.\n"
WIDTH = 120
_NAME = re.compile(r"[A-Za-z_]\w*")


def text() -> str:
    """The file: an interface or a union of texts for each type, and the answers of the routes by their address."""
    schemas = Schemas("")
    schemas.of(Problem)
    schemas.of(RunEvent)
    answers = {}
    for route in ROUTES:
        for hint in route.query.values():
            schemas.of(without_none(hint))
        if route.body is not None:
            schemas.of_body(route.body)
        if route.answer not in (Page, Script):
            answers[f"{route.method} {route.path}"] = schemas.of(route.answer)
    parts = [HEAD.strip()]
    parts += ["\n".join(_declared(name, schema)) for name, schema in sorted(schemas.components.items())]
    told = "\n".join(f"  '{where}': {_type(schema)};" for where, schema in answers.items())
    parts.append(f"/** What each route answers. */\nexport interface Answers {{\n{told}\n}}")
    return "\n\n".join(parts) + "\n"


def _declared(name: str, schema: Json) -> Iterator[str]:
    about = " ".join(str(schema.get("description", "")).replace("*/", "* /").replace("``", "`").split())
    if about:
        yield f"/** {about} */"
    if "enum" in schema:
        texts = [f"'{each}'" for each in schema["enum"]]
        yield from _union(f"export type {name} =", texts)
        return
    yield f"export interface {name} {{"
    for key, value in schema["properties"].items():
        mark = "" if key in schema["required"] else "?"
        yield f"  {key if _NAME.fullmatch(key) else repr(key)}{mark}: {_type(value)};"
    yield "}"


def _union(head: str, texts: list[str]) -> Iterator[str]:
    """Some texts, broken into lines as Prettier does."""
    line = f"{' | '.join(texts)};"
    if len(f"{head} {line}") <= WIDTH:
        yield f"{head} {line}"
    elif len(f"  {line}") <= WIDTH:
        yield from (head, f"  {line}")
    else:
        yield from (head, *(f"  | {each}" for each in texts[:-1]), f"  | {texts[-1]};")


def _type(schema: Json) -> str:
    if "$ref" in schema:
        return str(schema["$ref"])
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(each) for each in schema["anyOf"]))
    match schema.get("type"):
        case "array" if "prefixItems" in schema:
            return f"[{', '.join(_type(each) for each in schema['prefixItems'])}]"
        case "array":
            inner = _type(schema["items"])
            return f"({inner})[]" if " | " in inner else f"{inner}[]"
        case "object":
            return f"Record<string, {_type(schema['additionalProperties'])}>"
        case "integer" | "number":
            return "number"
        case "string" | "boolean" | "null" as plain:
            return str(plain)
    return "unknown"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text(), encoding="utf-8")
