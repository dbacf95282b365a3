"""Contracts in ODCS: what is read from them, and every way in which one is refused, with its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from workbench.documents import load_yaml
from workbench.model.errors import SpecError
from workbench.model.quality import Check, Severity
from workbench.quality import checks
from workbench.quality.contracts import load_contracts, parse_contract

HEAD = "apiVersion: v3.1.0\nkind: DataContract\nid: flights\nversion: 1.2.0\nstatus: active\n"
FULL = (
    HEAD
    + """
name: Flights
domain: aviation
description: {purpose: What left New York in 2013.}
team:
  name: Flight desk
  members: [{username: kim, role: Owner}]
tags: [public]
schema:
  - name: clean.flights
    physicalType: table
    tags: [nyc]
    properties:
      - name: year
        logicalType: integer
        primaryKey: true
        primaryKeyPosition: 1
        required: true
      - name: flight
        logicalType: integer
        primaryKey: true
        primaryKeyPosition: 2
      - name: origin
        logicalType: string
        description: Airport code.
        enum: [EWR, JFK, LGA]
        logicalTypeOptions: {minLength: 3, maxLength: 3, pattern: "[A-Z]+"}
      - name: distance
        logicalType: number
        logicalTypeOptions: {exclusiveMinimum: 0, maximum: 5000, multipleOf: 1}
        quality:
          - metric: nullValues
            mustBeLessThan: 2
            unit: percent
            severity: warning
            name: mostly known
          - type: text
            description: People look at it on Mondays.
      - name: tailnum
        logicalType: string
        unique: true
        quality:
          - {type: library, metric: missingValues, arguments: {missingValues: ["", N/A]}, mustBe: 0}
          - {metric: invalidValues, arguments: {pattern: "N.*"}, mustBeLessOrEqualTo: 5, severity: info}
          - {metric: invalidValues, arguments: {validValues: [N1, N2]}, mustBe: 0}
          - {metric: duplicateValues, mustBeBetween: [0, 10]}
      - name: time_hour
        logicalType: timestamp
        logicalTypeOptions: {timezone: true, format: iso}
        physicalType: timestamptz
      - name: codes
        logicalType: array
        items: {logicalType: string}
    quality:
      - {metric: rowCount, mustBeGreaterThan: 1000, description: A day has as many.}
      - {metric: duplicateValues, arguments: {properties: [year, tailnum]}, mustBe: 0}
slaProperties:
  - {property: retention, value: 7, unit: y}
  - {property: freshness, value: 2, unit: d, element: clean.flights.time_hour}
customProperties: [{property: workbench.note, value: 1}]
"""
)


def test_a_whole_contract_is_read() -> None:
    (contract,) = parse_contract(load_yaml(FULL, "contracts/f.odcs.yaml"))
    assert (contract.dataset, contract.version, contract.owner) == ("clean.flights", "1.2.0", "Flight desk")
    assert contract.description == "What left New York in 2013."
    assert contract.tags == ("public", "nyc") and contract.path == "contracts/f.odcs.yaml"
    assert [promise.column for promise in contract.columns][:3] == ["year", "flight", "origin"]
    assert contract.columns[2].description == "Airport code."
    found = {check.name: check for check in contract.checks}
    assert contract.checks[0].kind == "schema"
    assert list(contract.checks[0].arguments["columns"].values())[:3] == ["integer", "integer", "string"]
    plain = [
        checks.not_null("year"),
        checks.not_null("flight"),
        checks.unique("year", "flight"),
        checks.one_of("origin", ["EWR", "JFK", "LGA"]),
        checks.length("origin", 3, 3),
        checks.matches("origin", "[A-Z]+"),
        checks.between("distance", 0, 5000, exclusive_low=True),
        checks.multiple_of("distance", 1),
        checks.unique("tailnum"),
        checks.not_missing("tailnum", ["", "N/A"]),
        checks.one_of("tailnum", ["N1", "N2"]),
        checks.unique("year", "tailnum"),
        checks.fresh("time_hour", 2 * 86_400),
    ]
    for check in plain:
        assert check in contract.checks
    mostly = found["mostly known"]
    assert (mostly.kind, mostly.severity) == ("not_null", Severity.WARN)
    assert mostly.arguments["must"] == {"operator": "mustBeLessThan", "value": 2, "unit": "percent"}
    assert found["matches(tailnum)"].severity is Severity.INFO
    rows = found["row_count()"]
    assert rows.description == "A day has as many." and rows.arguments["must"]["value"] == 1000
    assert sum(check == checks.not_null("year") for check in contract.checks) == 1
    for check in contract.checks:
        assert isinstance(check, Check) and checks.expectation(check)


def test_one_file_may_hold_several_objects_and_old_team_lists() -> None:
    text = HEAD + (
        "team: [{username: ann, role: steward}, {username: bob, role: data owner}]\n"
        "schema:\n"
        "  - {name: Flights, physicalName: raw.flights, description: All., properties: [{name: at}]}\n"
        "  - {name: raw.weather}\n"
        "slaProperties: [{property: latency, value: 4, unit: hours, element: Flights.at}]\n"
    )
    flights, weather = parse_contract(load_yaml(text, "c"))
    assert (flights.dataset, flights.owner, flights.description) == ("raw.flights", "bob", "All.")
    assert checks.fresh("at", 4 * 3600) in flights.checks
    assert (weather.dataset, weather.checks, weather.columns) == ("raw.weather", (), ())


def column(text: str) -> str:
    return HEAD + "schema:\n  - name: a.b\n    properties:\n      - " + text + "\n"


def sla(text: str) -> str:
    return column("{name: c}") + "slaProperties: [{property: freshness, " + text + "}]"


def rule(text: str) -> str:
    return column("{name: c, quality: [{" + text + "}]}")


REFUSED = [
    ("schema: [{name: a.b}]\n", "WB-CFG-626", "1:1", '"kind" is missing'),
    (HEAD, "WB-CFG-626", "1:1", "schema"),
    (HEAD.replace("v3.1.0", "v2.2.2") + "schema: [{name: a.b}]", "WB-CFG-640", "1:13", "v3.1.0"),
    (HEAD.replace("DataContract", "Recipe") + "schema: [{name: a.b}]", "WB-CFG-640", "2:7", "Recipe"),
    (HEAD + "schema: [{name: Flights}]", "WB-CFG-641", "6:17", "namespace.name"),
    (HEAD + "schema: [{name: '../x.y'}]", "WB-CFG-641", "6:17", "namespace.name"),
    (HEAD + "schema: [{nam: a.b}]", "WB-CFG-624", "6:11", 'Did you mean "name"?'),
    (HEAD + "schema: {name: a.b}", "WB-CFG-625", "6:9", "a list"),
    (HEAD + "schemas: [{name: a.b}]", "WB-CFG-624", "6:1", 'Did you mean "schema"?'),
    (HEAD + "schema: [{name: a.b}]\nid: again", "WB-CFG-621", "7:1", "id"),
    (HEAD + "schema: [{name: a.b", "WB-CFG-620", "6:20", ""),
    (column("{nmae: c}"), "WB-CFG-624", "9:10", 'Did you mean "name"?'),
    (column("{logicalType: string}"), "WB-CFG-626", "9:9", "name"),
    (column("{name: c, required: maybe}"), "WB-CFG-625", "9:29", "true or false"),
    (column("{name: c, requierd: true}"), "WB-CFG-624", "9:19", 'Did you mean "required"?'),
    (column("{name: c, logicalType: strnig}"), "WB-CFG-644", "9:32", 'Did you mean "string"?'),
    (column("{name: c, logicalTypeOptions: {minimun: 1}}"), "WB-CFG-624", "9:40", 'Did you mean "minimum"?'),
    (column("{name: c, logicalTypeOptions: {minimum: 3, maximum: 1}}"), "WB-CFG-644", "9:49", "above"),
    (column("{name: c, logicalTypeOptions: {exclusiveMinimum: true}}"), "WB-CFG-644", "9:58", "minimum"),
    (column("{name: c, logicalTypeOptions: {minimum: 1, exclusiveMinimum: 1}}"), "WB-CFG-644", "9:70", "keep one"),
    (column("{name: c, logicalType: array, logicalTypeOptions: {minItems: 1}}"), "WB-CFG-643", "9:70", "minItems"),
    (column("{name: c, logicalType: string, logicalTypeOptions: {format: uri}}"), "WB-CFG-643", "9:69", "uri"),
    (column("{name: c, items: {name: d, required: true}}"), "WB-CFG-643", "9:46", "nested"),
    (column("{name: c, enum: []}"), "WB-CFG-644", "9:25", "at least one"),
    (column("{name: c}\n      - {name: c}"), "WB-CFG-644", "10:16", "second"),
    (rule("type: sql, query: select 1, mustBe: 0"), "WB-CFG-643", "9:36", "sql"),
    (rule("type: custom, engine: soda, implementation: x"), "WB-CFG-643", "9:36", "custom"),
    (rule("type: libary, metric: nullValues, mustBe: 0"), "WB-CFG-644", "9:36", 'Did you mean "library"?'),
    (rule("metric: nullValue, mustBe: 0"), "WB-CFG-644", "9:38", 'Did you mean "nullValues"?'),
    (rule("rule: nullCheck, mustBe: 0"), "WB-CFG-644", "9:36", "metric"),
    (rule("metric: nullValues"), "WB-CFG-644", "9:38", "condition"),
    (rule("metric: nullValues, mustBe: 0, mustNotBe: 1"), "WB-CFG-644", "9:72", "exactly one"),
    (rule("metric: nullValues, mustbe: 0"), "WB-CFG-624", "9:50", 'Did you mean "mustBe"?'),
    (rule("metric: nullValues, mustBe: none"), "WB-CFG-625", "9:58", "a number"),
    (rule("metric: nullValues, mustBeBetween: [5, 1]"), "WB-CFG-625", "9:65", "two numbers"),
    (rule("metric: nullValues, mustBe: 0, unit: share"), "WB-CFG-625", "9:67", "percent"),
    (rule("metric: nullValues, mustBe: 0, severity: eror"), "WB-CFG-644", "9:71", 'Did you mean "error"?'),
    (rule("metric: rowCount, mustBe: 0"), "WB-CFG-644", "9:38", "whole object"),
    (rule("metric: invalidValues, mustBe: 0"), "WB-CFG-644", "9:38", "validValues"),
    (rule("metric: invalidValues, mustBe: 0, arguments: {validValues: [a], pattern: b}"), "WB-CFG-644", "9:75", "eit"),
    (rule("metric: invalidValues, mustBe: 0, arguments: {validValue: [a]}"), "WB-CFG-624", "9:76", "Did you mean"),
    (HEAD + "schema: [{name: a.b, quality: [{metric: duplicateValues, mustBe: 0}]}]", "WB-CFG-644", "6:41", "prope"),
    (HEAD + "schema: [{name: a.b, quality: [{metric: nullValues, mustBe: 0}]}]", "WB-CFG-644", "6:41", "property"),
    (sla("value: 1, unit: d, element: a.b.d"), "WB-CFG-644", "10:67", "names no column"),
    (sla("value: 0, unit: d, element: c"), "WB-CFG-625", "10:46", "above 0"),
    (sla("value: 1, unit: moon, element: c"), "WB-CFG-625", "10:55", "weeks"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "place", "words"), REFUSED, ids=[f"{c}-{p}" for _, c, p, _ in REFUSED])
def test_a_fault_is_refused_with_its_place(text: str, code: str, place: str, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_contract(load_yaml(text, "x.odcs.yaml"))
    message = str(caught.value)
    assert message.startswith(f"{code}: x.odcs.yaml:{place}: "), message
    assert re.search(re.escape(words), message), message


def test_the_folder_is_loaded_and_two_contracts_for_one_dataset_are_refused(tmp_path: Path) -> None:
    assert load_contracts(tmp_path) == {}
    folder = tmp_path / "contracts"
    folder.mkdir()
    (folder / "notes.yaml").write_text("not: a contract")
    (folder / "a.odcs.yaml").write_text(HEAD + "schema: [{name: a.b}]")
    assert list(load_contracts(tmp_path)) == ["a.b"]
    (folder / "b.odcs.yaml").write_text(HEAD + "schema: [{name: a.b}]")
    with pytest.raises(SpecError, match=r"WB-CFG-642: contracts/b.odcs.yaml:1:1: .*contracts/a.odcs.yaml"):
        load_contracts(tmp_path)
    (folder / "b.odcs.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(SpecError, match=r"WB-CFG-645: contracts/b.odcs.yaml:1:1: .*UTF-8"):
        load_contracts(tmp_path)
