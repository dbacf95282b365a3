"""What was measured of columns, as a widget: how they are looked at is kept here, the script shows them."""

from __future__ import annotations

from typing import Any

import traitlets

from workbench.ui.widgets.answering import Answering
from workbench.ui.widgets.script import built

NAME = "profile"


class ProfileWidget(Answering):
    """``columns`` of a dataset, each as the fields of ``ColumnEntry``; ``query`` narrows them.

    ``order`` holds the ``column`` that they are sorted by and whether ``descending``, or is empty. ``chosen`` names
    the column that is looked at closely, or is empty.
    """

    _esm = built(f"{NAME}.js")
    _css = built(f"{NAME}.css")
    dataset = traitlets.Unicode().tag(sync=True)
    version = traitlets.Int().tag(sync=True)
    rows = traitlets.Int().tag(sync=True)
    columns: traitlets.List[Any] = traitlets.List().tag(sync=True)
    query = traitlets.Unicode().tag(sync=True)
    order = traitlets.Dict().tag(sync=True)
    chosen = traitlets.Unicode().tag(sync=True)
