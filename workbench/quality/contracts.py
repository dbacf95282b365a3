"""Contracts as ODCS 3 files in ``contracts/``: what each promises of a dataset, read strictly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workbench.documents import Document, Section, load_yaml
from workbench.model.errors import InvalidName, SpecError, did_you_mean
from workbench.model.names import parse_dataset
from workbench.model.quality import Check, Contract, Promise
from workbench.quality import checks
from workbench.quality.rules import constraints, rule
from workbench.quality.verdict import LOGICAL

FOLDER = "contracts"
ENDINGS = (".odcs.yaml", ".odcs.yml")

_ROOT_KEYS = (
    "apiVersion", "kind", "id", "name", "version", "status", "tenant", "tags", "domain", "dataProduct", "description",
    "schema", "servers", "support", "price", "team", "owner", "roles", "slaProperties", "slaDefaultElement",
    "authoritativeDefinitions", "customProperties", "contractCreatedTs",
)  # fmt: skip
_OBJECT_KEYS = (
    "id", "name", "physicalName", "physicalType", "logicalType", "description", "businessName", "tags", "properties",
    "quality", "relationships", "dataGranularityDescription", "authoritativeDefinitions", "customProperties",
    "synonyms", "deprecated", "semanticType",
)  # fmt: skip
_PROPERTY_KEYS = (
    "id", "name", "physicalName", "physicalType", "logicalType", "logicalTypeOptions", "description", "businessName",
    "required", "unique", "primaryKey", "primaryKeyPosition", "enum", "quality", "tags", "properties", "items",
    "partitioned", "partitionKeyPosition", "classification", "encryptedName", "transformSourceObjects",
    "transformLogic", "transformDescription", "examples", "criticalDataElement", "relationships",
    "authoritativeDefinitions", "customProperties", "synonyms", "deprecated", "semanticType",
)  # fmt: skip
_SLA_KEYS = (
    "id", "property", "value", "valueExt", "unit", "element", "driver", "description", "scheduler", "schedule",
)  # fmt: skip
_DEMANDS = ("required", "unique", "enum", "quality", "logicalTypeOptions")
_FRESHNESS = ("freshness", "latency", "fr", "ly")
_SECONDS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86_400),
    **dict.fromkeys(("w", "week", "weeks"), 7 * 86_400),
    **dict.fromkeys(("y", "yr", "year", "years"), 365 * 86_400),
}


def load_contracts(root: Path) -> dict[str, Contract]:
    """The contracts of the project at ``root``, by dataset.

    Raises SpecError with ``file:line:column``: the codes of ``load_contract``, and WB-CFG-642 when two files promise
    the same dataset.
    """
    found: dict[str, Contract] = {}
    for path in contract_files(root):
        for contract in load_contract(path, path.relative_to(root).as_posix()):
            if contract.dataset in found:
                raise SpecError(
                    "WB-CFG-642",
                    f"{contract.path}:1:1: a second contract for {contract.dataset}",
                    cause=f"{found[contract.dataset].path} has one already",
                    next="keep one of the two",
                )
            found[contract.dataset] = contract
    return found


def contract_files(root: Path) -> list[Path]:
    """The files in ``contracts/`` that are contracts by their name, in order."""
    folder = root / FOLDER
    return sorted(path for path in folder.iterdir() if path.name.endswith(ENDINGS)) if folder.is_dir() else []


def load_contract(path: Path, name: str) -> tuple[Contract, ...]:
    """The contracts in one file, one for each object of its ``schema``; ``name`` is how errors call the file.

    Raises SpecError: WB-CFG-620 to 626 for YAML, keys and types, WB-CFG-640 not ODCS 3, WB-CFG-641 an object whose
    name is no dataset, WB-CFG-643 and 644 for checks, WB-CFG-645 a file that cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        cause = (error.strerror or str(error)) if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SpecError(
            "WB-CFG-645", f"{name}:1:1: the contract cannot be read", cause=cause, next="check its permissions"
        ) from error
    return parse_contract(load_yaml(text, name))


def parse_contract(document: Document) -> tuple[Contract, ...]:
    """The contracts that a parsed file holds. Raises SpecError as ``load_contract`` does."""
    root = document.section((), _ROOT_KEYS)
    if root.text("kind") != "DataContract":
        raise root.error("WB-CFG-640", f'kind "{root["kind"]}" is not "DataContract"', "kind")
    if not root.text("apiVersion").startswith("v3."):
        raise root.error(
            "WB-CFG-640", f"version {root['apiVersion']} of the standard is not read", "apiVersion",
            cause="contracts are ODCS 3", next="write apiVersion: v3.1.0",
        )  # fmt: skip
    objects = root.sections("schema", _OBJECT_KEYS)
    if not objects:
        raise root.error("WB-CFG-626", '"schema" is missing', cause="it lists what the contract is about")
    return tuple(_contract(root, section) for section in objects)


def _contract(root: Section, section: Section) -> Contract:
    properties = section.sections("properties", _PROPERTY_KEYS)
    promises = [_promise(item) for item in properties]
    names = [promise.column for promise in promises]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise properties[index].error("WB-CFG-644", f'a second property "{name}"', "name")
    found: list[Check] = []
    if promises:
        found.append(checks.schema({promise.column: promise.type for promise in promises}))
    found += _primary_key(properties)
    for item, promise in zip(properties, promises, strict=True):
        found += constraints(item, promise.column, promise.type)
        found += _rules(item, promise.column)
    found += _rules(section)
    found += _freshness(root, section, names)
    return Contract(
        dataset=_dataset(section),
        path=root.document.name,
        version=str(root.get("version", "")),
        owner=_owner(root),
        description=_description(root, section),
        columns=tuple(promises),
        checks=_distinct(found),
        tags=tuple(dict.fromkeys((*root.texts("tags"), *section.texts("tags")))),
    )


def _dataset(section: Section) -> str:
    """The dataset that an object is about: its ``name``, else its ``physicalName``, as ``namespace.name``."""
    candidates = [section.text("name"), section.text("physicalName", "")]
    for candidate in candidates:
        try:
            return parse_dataset(candidate)
        except InvalidName as error:
            refused = error
    raise section.error(
        "WB-CFG-641", f'"{candidates[0]}" is not the name of a dataset', "name", cause=refused.cause,
        next='write name: namespace.name, like "clean.flights"',
    )  # fmt: skip


def _promise(item: Section) -> Promise:
    logical = item.text("logicalType", "")
    if logical and logical not in LOGICAL:
        cause = f"known: {', '.join(LOGICAL)}." + did_you_mean(logical, LOGICAL)
        raise item.error("WB-CFG-644", f'logicalType "{logical}" is not known', "logicalType", cause=cause)
    for inner in _nested(item):
        for key in _DEMANDS:
            if inner.get(key) not in (None, False, [], {}):
                raise inner.error(
                    "WB-CFG-643", f'"{key}" inside a nested value is not evaluated here', key,
                    next="check it on a column of its own",
                )  # fmt: skip
    return Promise(item.text("name"), logical, item.text("description", ""))


def _nested(item: Section) -> Iterator[Section]:
    inner = list(item.sections("properties", _PROPERTY_KEYS))
    if item.get("items") is not None:
        inner.append(item.section("items", _PROPERTY_KEYS))
    for section in inner:
        yield section
        yield from _nested(section)


def _rules(section: Section, column: str = "") -> list[Check]:
    return [check for item in section.sections("quality") if (check := rule(item, column)) is not None]


def _primary_key(properties: tuple[Section, ...]) -> list[Check]:
    keys = [item for item in properties if item.flag("primaryKey", False)]
    keys.sort(key=lambda item: item.whole("primaryKeyPosition", 0, minimum=-1))
    names = [item.text("name") for item in keys]
    return [*(checks.not_null(name) for name in names), checks.unique(*names)] if names else []


def _freshness(root: Section, section: Section, columns: list[str]) -> list[Check]:
    """Freshness and latency from ``slaProperties``, where their ``element`` is a column of this object."""
    found = []
    for item in root.sections("slaProperties", _SLA_KEYS):
        if item.text("property") not in _FRESHNESS:
            continue
        elements = [part.strip() for part in item.text("element", root.text("slaDefaultElement", "")).split(",")]
        mine = [name for element in elements if (name := _own_column(element, section, columns))]
        if not mine and not any(_elsewhere(root, element) for element in elements):
            raise item.error(
                "WB-CFG-644", f'"element" of {item["property"]} names no column', "element",
                cause=f"found {', '.join(elements) or 'nothing'}." + did_you_mean(elements[0], columns),
                next="write element: namespace.name.column",
            )  # fmt: skip
        found += [checks.fresh(name, _seconds(item)) for name in mine]
    return found


def _own_column(element: str, section: Section, columns: list[str]) -> str:
    prefixes = (section.text("name") + ".", section.text("physicalName", "") + ".", "")
    for prefix in prefixes:
        if element.startswith(prefix) and element.removeprefix(prefix) in columns:
            return element.removeprefix(prefix)
    return ""


def _elsewhere(root: Section, element: str) -> bool:
    for section in root.sections("schema"):
        names = [item.text("name") for item in section.sections("properties")]
        if _own_column(element, section, names):
            return True
    return False


def _seconds(item: Section) -> float:
    value, unit = item.require("value"), item.text("unit")
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise item.wrong("value", "a number above 0")
    if unit not in _SECONDS:
        raise item.wrong("unit", "minutes, hours, days, weeks or years")
    return float(value * _SECONDS[unit])


def _owner(root: Section) -> str:
    """``owner``, the name of the ``team`` (3.1), or the team member whose role is owner (3.0)."""
    if root.get("owner"):
        return root.text("owner")
    team: Any = root.get("team")
    if isinstance(team, dict):
        if team.get("name"):
            return str(team["name"])
        team = team.get("members")
    members = [member for member in team if isinstance(member, dict)] if isinstance(team, list) else []
    members.sort(key=lambda member: "owner" not in str(member.get("role", "")).lower())
    return str(members[0].get("name") or members[0].get("username") or "") if members else ""


def _description(root: Section, section: Section) -> str:
    if section.get("description"):
        return section.text("description").strip()
    told = root.get("description")
    purpose = told.get("purpose") if isinstance(told, dict) else told
    return purpose.strip() if isinstance(purpose, str) else ""


def _distinct(found: list[Check]) -> tuple[Check, ...]:
    """Without those that say the same twice, as ``primaryKey`` and ``required`` on one column do."""
    kept: list[Check] = []
    for check in found:
        said = [(old.kind, old.column, old.arguments) for old in kept]
        if (check.kind, check.column, check.arguments) not in said:
            kept.append(check)
    return tuple(kept)
