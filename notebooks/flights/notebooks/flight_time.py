"""New York wall-clock time to UTC, including the two nights a year when the clock jumps."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

NEW_YORK = "America/New_York"


def local_time(frame: pd.DataFrame) -> pd.Series:
    """The wall-clock times in ``year, month, day, hour`` and, where there is one, ``minute``; without a zone."""
    parts = [part for part in ("year", "month", "day", "hour", "minute") if part in frame]
    return pd.to_datetime(frame[parts]).dt.as_unit("us")


def second_passage(frame: pd.DataFrame, keys: Sequence[str]) -> pd.Series:
    """True where a log, kept in time order, names the same wall-clock hour for the second time.

    In the night of 3 November 2013 the clock went from 02:00 back to 01:00, so 01:00 to 02:00 happened twice.
    """
    return frame.duplicated([*keys, "year", "month", "day", "hour"])


def to_utc(local: pd.Series, second: pd.Series | None = None) -> pd.Series:
    """The same moments in UTC.

    ``second`` marks times in the hour that happens twice which belong to its second passage, after summer time has
    ended; without it the first passage is meant. Raises ValueError for an hour that the clock skipped, such as
    02:30 on 10 March 2013: such a time is a fault of the data, and to shift it silently would hide that.
    """
    summer = ~second.to_numpy(dtype=bool) if second is not None else [True] * len(local)
    return local.dt.tz_localize(NEW_YORK, ambiguous=summer, nonexistent="raise").dt.tz_convert("UTC")
