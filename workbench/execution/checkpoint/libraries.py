"""Small values of numpy and pandas, and generators of random numbers, in plain form; neither is loaded for it."""

from __future__ import annotations

import base64
import random
import sys
import zoneinfo
from collections.abc import Callable, Mapping
from typing import Any

Plain = Any
"""What JSON holds."""


def small(value: Any) -> Plain | None:
    """The plain form of a scalar, a type or a generator; None for anything else. ``SMALL`` has the way back."""
    kind = type(value)
    if kind.__module__ in ("numpy.random._generator", "numpy.random.mtrand"):
        if kind.__name__ == "Generator":
            return {"k": "numpy generator", "v": _plain(value.bit_generator.state)}
        if kind.__name__ == "RandomState":
            return {"k": "numpy random state", "v": _plain(value.get_state(legacy=False))}
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.dtype) and value.names is None and not value.hasobject:
        return {"k": "numpy type", "v": value.str}
    if numpy is not None and isinstance(value, numpy.generic) and not value.dtype.hasobject and not value.dtype.names:
        return {"k": "numpy scalar", "v": [value.dtype.str, base64.b64encode(value.tobytes()).decode()]}
    pandas = sys.modules.get("pandas")
    if pandas is None:
        return None
    if value is pandas.NaT or value is pandas.NA:
        return {"k": "pandas missing", "v": "NaT" if value is pandas.NaT else "NA"}
    if kind is pandas.Timestamp and (value.tz is None or type(value.tz) is zoneinfo.ZoneInfo):
        return {"k": "pandas time", "v": [value._value, value.unit, value.tz and value.tz.key]}
    if kind is pandas.Timedelta:
        return {"k": "pandas duration", "v": [value._value, value.unit]}
    return None


def seeds() -> Plain:
    """The states of the generators behind ``random.random()`` and ``numpy.random.rand()``."""
    version, numbers, gauss = random.getstate()
    found: dict[str, Plain] = {"python": [version, list(numbers), gauss]}
    if "numpy.random.mtrand" in sys.modules:
        found["numpy"] = _plain(sys.modules["numpy"].random.get_state(legacy=False))
    return found


def reseed(found: Mapping[str, Plain]) -> None:
    """Bring those states back."""
    version, numbers, gauss = found["python"]
    random.setstate((version, tuple(numbers), gauss))
    if "numpy" in found:
        import numpy

        numpy.random.set_state(_back(found["numpy"]))


def _plain(state: Any) -> Plain:
    if isinstance(state, Mapping):
        return {key: _plain(item) for key, item in state.items()}
    if getattr(state, "ndim", 0):
        return {"array": state.tolist(), "type": str(state.dtype)}
    return state.item() if hasattr(state, "item") else state


def _back(plain: Plain) -> Any:
    if not isinstance(plain, Mapping):
        return plain
    if "array" in plain:
        import numpy

        return numpy.array(plain["array"], dtype=plain["type"])
    return {key: _back(item) for key, item in plain.items()}


def _scalar(inside: Plain) -> Any:
    import numpy

    return numpy.frombuffer(base64.b64decode(inside[1]), dtype=inside[0])[0]


def _type(inside: Plain) -> Any:
    import numpy

    return numpy.dtype(inside)


def _generator(inside: Plain) -> Any:
    import numpy

    bits = getattr(numpy.random, inside["bit_generator"])()
    bits.state = _back(inside)
    return numpy.random.Generator(bits)


def _random_state(inside: Plain) -> Any:
    import numpy

    made = numpy.random.RandomState()
    made.set_state(_back(inside))
    return made


def _missing(inside: Plain) -> Any:
    import pandas

    return getattr(pandas, inside)


def _time(inside: Plain) -> Any:
    import pandas

    count, unit, zone = inside
    moment = pandas.Timestamp(count, unit=unit).as_unit(unit)
    return moment.tz_localize("UTC").tz_convert(zoneinfo.ZoneInfo(zone)) if zone else moment


def _duration(inside: Plain) -> Any:
    import pandas

    count, unit = inside
    return pandas.Timedelta(count, unit=unit).as_unit(unit)


SMALL: dict[str, Callable[[Plain], Any]] = {
    "numpy scalar": _scalar,
    "numpy type": _type,
    "numpy generator": _generator,
    "numpy random state": _random_state,
    "pandas missing": _missing,
    "pandas time": _time,
    "pandas duration": _duration,
}
