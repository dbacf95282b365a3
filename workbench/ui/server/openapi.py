"""The OpenAPI document, made from the table of routes."""

from __future__ import annotations

import inspect
from importlib.metadata import version
from typing import Any

from workbench.ui.server.page import Page, Script
from workbench.ui.server.problems import MEDIA_TYPE, Problem
from workbench.ui.server.route import Route
from workbench.ui.server.routes import BASE, ROUTES
from workbench.ui.server.schema import Json, Schemas
from workbench.ui.server.values import without_none


def document() -> Json:
    """An OpenAPI 3.1 document of all that can be asked."""
    schemas = Schemas()
    problem = {"description": "What went wrong", "content": {MEDIA_TYPE: {"schema": schemas.of(Problem)}}}
    paths: dict[str, Json] = {}
    for route in ROUTES:
        paths.setdefault(f"/{route.path}", {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Workbench",
            "version": version("dataops-workbench"),
            "description": "The project that a Jupyter server stands in. Whoever may use the server may ask.",
        },
        "servers": [{"url": f"/{BASE}"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.components.items())),
            "responses": {"Problem": problem},
            "securitySchemes": {
                "token": {"type": "apiKey", "in": "header", "name": "Authorization", "description": "token …"}
            },
        },
    }


def _operation(route: Route, schemas: Schemas) -> Json:
    summary, _, more = route.about.partition("\n\n")
    told: Json = {
        "operationId": f"{route.function.__module__.rpartition('.')[2]}_{route.function.__name__}",
        "summary": " ".join(summary.split()),
        "x-action": route.action,
        "parameters": [
            *(_parameter(route, name, "path", schemas) for name in route.names),
            *(_parameter(route, name, "query", schemas) for name in route.query),
        ],
        "responses": {
            str(route.status): _answer(route, schemas),
            "default": {"$ref": "#/components/responses/Problem"},
        },
    }
    if more:
        told["description"] = more
    if route.body is not None:
        content = {"application/json": {"schema": schemas.of_body(route.body)}}
        told["requestBody"] = {"required": True, "content": content}
    return told


def _parameter(route: Route, name: str, where: str, schemas: Schemas) -> Json:
    schema = schemas.of(without_none(route.hints[name]))
    default = inspect.signature(route.function).parameters[name].default
    if where == "query" and default not in (inspect.Parameter.empty, None, ""):
        schema = {**schema, "default": default}
    return {"name": name, "in": where, "required": where == "path" or name in route.required, "schema": schema}


def _answer(route: Route, schemas: Schemas) -> Json:
    kind = route.answer
    if kind is Page:
        return {"description": "A page", "content": {"text/html": {"schema": {"type": "string"}}}}
    if kind is Script:
        return {"description": "A script", "content": {"text/javascript": {"schema": {"type": "string"}}}}
    return {"description": "The answer", "content": {"application/json": {"schema": schemas.of(kind)}}}


def types_of_routes() -> tuple[Any, ...]:
    """The types of everything that is answered, in the order of the table."""
    return tuple(dict.fromkeys(route.answer for route in ROUTES if isinstance(route.answer, type)))
