"""Views that lead to others, as a widget: where one went is kept here, each view is made here, the script shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from workbench.model.errors import WorkbenchError
from workbench.ui.widgets.answering import Answering
from workbench.ui.widgets.pages import words_of
from workbench.ui.widgets.script import built

if TYPE_CHECKING:
    from workbench.ui.widgets.pages import Pages

NAME = "pages"


class PagesWidget(Answering):
    """``trail`` is where one went, each the kind of a view and its words; the last is what ``html`` shows.

    ``error`` says why there is no such view, and is empty when there is one; what was shown then stays.
    """

    _esm = built(f"{NAME}.js")
    _css = built(f"{NAME}.css")
    trail: traitlets.List[list[str]] = traitlets.List(traitlets.List(traitlets.Unicode())).tag(sync=True)
    html = traitlets.Unicode().tag(sync=True)
    error = traitlets.Unicode().tag(sync=True)

    def __init__(self, pages: Pages, trail: list[list[str]], html: str) -> None:
        self._pages = pages
        super().__init__(trail=trail, html=html)

    @traitlets.observe("trail")
    def _turn(self, change: Any) -> None:
        if change["old"] in (None, traitlets.Undefined, []):
            return  # what is shown at first was given
        try:
            self.html = self._pages.show(*words_of(self.trail)).html
            self.error = ""
        except WorkbenchError as error:
            self.error = str(error)
