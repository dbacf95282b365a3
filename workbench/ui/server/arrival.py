"""The address that ``wb lab`` begins with.

Jupyter prints it with ``?token=`` behind it, so what JupyterLab is to begin with cannot stand there as a query itself.
"""

from __future__ import annotations

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado.web import authenticated

ADDRESS = "/workbench/start"


class ArrivalHandler(JupyterHandler):
    """Leads whoever is let in to JupyterLab, on the start page; it tells nothing by itself."""

    @authenticated
    def get(self) -> None:
        """Go on to JupyterLab; what the address said of the token is in a cookie by then."""
        self.redirect(url_path_join(self.base_url, "lab?workbench=start"))
