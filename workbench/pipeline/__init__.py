"""What should run: pure functions from notebooks and spec to a frozen ``Plan`` with a ``Reason`` per step."""
