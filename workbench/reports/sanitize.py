"""What authors and libraries wrote becomes HTML that cannot act: no script, no style, no address to fetch from."""

from __future__ import annotations

import base64
import binascii
import re
import xml.etree.ElementTree as ElementTree
from urllib.parse import urlsplit

import nh3

_PLAIN = frozenset(
    (
        "a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "del",
        "details", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
        "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strong",
        "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var",
    )
)  # fmt: skip
_DROPPED_WHOLE = {"script", "style", "template", "noscript", "title"}
_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
    "details": {"open"},
}
_LINKS = frozenset({"http", "https", "mailto"})
_IMAGE = re.compile(r"data:(image/(?:png|jpeg|gif));base64,([A-Za-z0-9+/=\s]+)")
_MAGIC = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
}
_LOST_IMAGE = re.compile(r"<img(?![^>]*\ssrc=)([^>]*)>")
_ALT = re.compile(r'\salt="([^"]*)"')
_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_SVG_REFUSED = frozenset({"script", "foreignobject", "iframe", "object", "embed", "handler", "set", "animate", "a"})
_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]*>", re.IGNORECASE)
_STYLE_FETCH = re.compile(r"@import|url\(\s*['\"]?(?!#|data:image/png)", re.IGNORECASE)


def clean_html(html: str) -> str:
    """``html`` with an allow-list of tags: text, lists, tables, links, pictures that are inside it.

    Classes, ids, styles and handlers are gone; links go to http, https or mailto only; a picture that would have to
    be fetched is named in words.
    """
    cleaned: str = nh3.clean(
        html,
        tags=set(_PLAIN),
        clean_content_tags=set(_DROPPED_WHOLE),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=_keep,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer",
        strip_comments=True,
    )
    return _LOST_IMAGE.sub(_named, cleaned)


def raster(mime: str, encoded: str) -> str | None:
    """The data URI of a base64 picture, ``None`` when its bytes are not of the kind that ``mime`` says."""
    try:
        content = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    if mime not in _MAGIC or not content.startswith(_MAGIC[mime]):
        return None
    return f"data:{mime};base64,{base64.b64encode(content).decode()}"


def vector(svg: str) -> str | None:
    """The data URI of an SVG picture without scripts, handlers, links and anything to fetch; ``None`` if it is none.

    It is meant for an ``<img>``, inside which a browser runs and loads nothing; what is taken out here would do
    harm to those who save the picture and open it alone.
    """
    text = _DOCTYPE.sub("", svg, count=1)
    if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
        return None
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError):
        return None
    if root.tag not in (f"{{{_SVG}}}svg", "svg"):
        return None
    _disarm(root)
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _XLINK)
    return "data:image/svg+xml;base64," + base64.b64encode(ElementTree.tostring(root)).decode()


def _keep(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "src":
        found = _IMAGE.fullmatch(value.strip())
        return raster(found[1], found[2]) if found else None
    if attribute == "href":
        return value if value.startswith("#") or _scheme(value) in _LINKS else None
    return value


def _scheme(address: str) -> str:
    try:
        return urlsplit(address.strip()).scheme.lower()
    except ValueError:
        return ""


def _named(found: re.Match[str]) -> str:
    alt = _ALT.search(found[1])
    return f"<small>[picture not embedded{': ' + alt[1] if alt and alt[1] else ''}]</small>"


def _disarm(element: ElementTree.Element) -> None:
    for child in list(element):
        name = str(child.tag).rpartition("}")[2].lower()
        if name in _SVG_REFUSED or (name == "style" and _STYLE_FETCH.search("".join(child.itertext()))):
            element.remove(child)
        else:
            _disarm(child)
    for key, value in list(element.attrib.items()):
        name = key.rpartition("}")[2].lower()
        fetches = name in ("href", "src") and not value.strip().startswith(("#", "data:image/png;base64,"))
        if name.startswith("on") or fetches or _STYLE_FETCH.search(value):
            del element.attrib[key]
