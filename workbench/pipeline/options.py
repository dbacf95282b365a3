"""How a step is run, as a pipeline file says it: limits, retries, needs; a step's own words over the defaults."""

from __future__ import annotations

import re
from dataclasses import replace

from workbench.documents import Section
from workbench.model.errors import did_you_mean
from workbench.model.pipeline import Retries, StepOptions
from workbench.pipeline.keys import RETRY_CAUSES, RETRY_KEYS, names

_CLASS = re.compile(r"(?:[A-Za-z_]\w*\.)*[A-Z]\w*", re.ASCII)


def read_options(section: Section, defaults: StepOptions) -> StepOptions:
    """The options that a step or ``defaults:`` gives; what it leaves out is as in ``defaults``. Raises SpecError."""
    return replace(
        defaults,
        timeout=section.duration("timeout", defaults.timeout),
        cell_timeout=section.duration("cell_timeout", defaults.cell_timeout),
        retries=_retries(section, defaults.retries),
        memory=section.size("memory", defaults.memory),
        processes=section.whole("processes", 0, minimum=1) if "processes" in section else defaults.processes,
        cpus=section.number("cpus", defaults.cpus, minimum=0, above=True),
        requires=_words(section, "requires") if "requires" in section else defaults.requires,
        keep_failed=section.duration("keep_failed", None) or defaults.keep_failed,
        pickle=section.flag("pickle", defaults.pickle),
        early_exit=_early_exit(section, defaults.early_exit),
    )


def _retries(section: Section, defaults: Retries) -> Retries:
    """A number changes only how often; a mapping changes what it names."""
    value = section.get("retries")
    if "retries" not in section:
        return defaults
    if not isinstance(value, dict):
        return replace(defaults, max=section.whole("retries", 0))
    entry = section.section("retries", names(RETRY_KEYS))
    if "max" not in entry and not defaults.max:
        raise entry.error("WB-CFG-626", '"max" is missing', cause="without it nothing is tried again")
    found = replace(
        defaults,
        max=entry.whole("max", defaults.max),
        on=_causes(entry) if "on" in entry else defaults.on,
        backoff=entry.duration("backoff", None) or defaults.backoff,
        factor=entry.number("factor", defaults.factor, minimum=1),
        longest=entry.duration("longest", None) or defaults.longest,
        jitter=entry.number("jitter", defaults.jitter, minimum=0),
    )
    if found.jitter > 1:
        raise entry.wrong("jitter", "a share from 0 to 1")
    return found


def _causes(entry: Section) -> tuple[str, ...]:
    causes = entry.texts("on")
    if not causes:
        raise entry.error("WB-CFG-625", '"on" names nothing', "on", cause="then nothing is ever tried again")
    for index, cause in enumerate(causes):
        if cause not in RETRY_CAUSES and not _CLASS.fullmatch(cause):
            known = f"known: {', '.join(RETRY_CAUSES)}, and classes of exceptions such as ConnectionError."
            place = ("on", index) if isinstance(entry["on"], list) else ("on",)
            hint = did_you_mean(cause, RETRY_CAUSES)
            raise entry.error("WB-CFG-625", f'nothing fails by "{cause}"', *place, cause=known + hint)
    return tuple(dict.fromkeys(causes))


def _words(section: Section, key: str) -> tuple[str, ...]:
    words = section.texts(key)
    if not all(word.strip() for word in words):
        raise section.wrong(key, "words, such as gpu")
    return tuple(dict.fromkeys(words))


def _early_exit(section: Section, default: bool) -> bool:
    value = section.get("early_exit", "ok" if default else "fail")
    if value not in ("ok", "fail"):
        raise section.wrong("early_exit", "ok or fail")
    return bool(value == "ok")
