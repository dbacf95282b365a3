"""Pictures compared pixel by pixel: how much of them differs, and a third picture that shows where.

PNG is read and written here, by numpy: what notebooks put out as PNG has 8 bits a channel and is not interlaced. Of
other kinds only the bytes are compared.
"""

from __future__ import annotations

import base64
import struct
import zlib
from typing import TYPE_CHECKING, Any

from workbench.model.comparison import Picture

if TYPE_CHECKING:
    import numpy as np

    Pixels = np.ndarray[Any, np.dtype[np.uint8]]

MOST_PIXELS = 6_000_000
"""Pixels of a picture up to which it is compared."""
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_MARK = (214, 0, 110)
"""The colour of what differs; it stands out on light and on dark."""


def compare(before: str, after: str) -> Picture:
    """Two pictures as data URIs; one may be empty."""
    old, new = _content(before), _content(after)
    sizes = size(old), size(new)
    if before == after or not before or not after:
        return Picture(before, after, "", *sizes, share=0.0 if before == after else None)
    one, other = pixels(old), pixels(new)
    if one is None or other is None:
        return Picture(before, after, "", *sizes)
    share, shown = _difference(one, other)
    difference = "data:image/png;base64," + base64.b64encode(encode(shown)).decode() if share else ""
    return Picture(before, after, difference, *sizes, share=share)


def size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, ``None`` for anything else."""
    if not content.startswith(_SIGNATURE) or len(content) < 24:
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def pixels(content: bytes) -> Pixels | None:
    """A PNG as height × width × 4 (red, green, blue, opacity); ``None`` for what is not read here, or damaged."""
    import numpy as np

    try:
        head, palette, opacity, data = _chunks(content)
        width, height, depth, colour, _, _, interlaced = head
        if depth != 8 or interlaced or colour not in _CHANNELS or not 0 < width * height <= MOST_PIXELS:
            return None
        channels = _CHANNELS[colour]
        flat = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, 1 + width * channels)
        raw = _unfiltered(flat[:, 0], flat[:, 1:].reshape(height, width, channels))
        return _coloured(raw, colour, palette, opacity)
    except (struct.error, zlib.error, ValueError, IndexError):
        return None


def encode(picture: Pixels) -> bytes:
    """A picture of height × width × 3 as a PNG."""
    import numpy as np

    height, width, _ = picture.shape
    lines = np.concatenate([np.zeros((height, 1), np.uint8), picture.reshape(height, width * 3)], axis=1)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(lines.tobytes(), 6)), (b"IEND", b""))
    return _SIGNATURE + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )


def _content(uri: str) -> bytes:
    return base64.b64decode(uri.partition(",")[2]) if uri else b""


def _chunks(content: bytes) -> tuple[tuple[int, ...], bytes, bytes, bytes]:
    """The header's numbers, the palette, its opacities, and the compressed pixels. Raises ValueError."""
    if not content.startswith(_SIGNATURE):
        raise ValueError("no PNG")
    found: dict[bytes, bytes] = {}
    at = len(_SIGNATURE)
    while at < len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        kind = content[at + 4 : at + 8]
        found[kind] = found.get(kind, b"") + content[at + 8 : at + 8 + length]
        at += 12 + length
    head = struct.unpack(">IIBBBBB", found.get(b"IHDR", b""))
    return head, found.get(b"PLTE", b""), found.get(b"tRNS", b""), found.get(b"IDAT", b"")


def _unfiltered(filters: Pixels, data: Pixels) -> Pixels:
    """The pixels before PNG made them easy to compress.

    Each depends on those to the left, above, and above to the left: pixels on one diagonal do not depend on each other
    and are restored at once, whatever the filters of their lines.
    """
    import numpy as np

    height, width, channels = data.shape
    done = np.zeros((height + 1, width + 1, channels), np.int16)
    kinds = filters.astype(np.int8)[:, None]
    for diagonal in range(height + width - 1):
        rows = np.arange(max(0, diagonal - width + 1), min(height, diagonal + 1))
        columns = diagonal - rows
        left, up, corner = done[rows + 1, columns], done[rows, columns + 1], done[rows, columns]
        kind = kinds[rows]
        guess = np.where(kind == 1, left, np.where(kind == 2, up, np.where(kind == 3, (left + up) >> 1, 0)))
        if (kind == 4).any():
            a, b, c = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
            paeth = np.where((a <= b) & (a <= c), left, np.where(b <= c, up, corner))
            guess = np.where(kind == 4, paeth, guess)
        done[rows + 1, columns + 1] = (data[rows, columns] + guess) & 255
    return done[1:, 1:].astype(np.uint8)


def _coloured(raw: Pixels, colour: int, palette: bytes, opacity: bytes) -> Pixels:
    import numpy as np

    if colour == 3:
        colours = np.frombuffer(palette, np.uint8).reshape(-1, 3)
        alpha = np.full(len(colours), 255, np.uint8)
        alpha[: len(opacity)] = np.frombuffer(opacity[: len(colours)], np.uint8)
        return np.concatenate([colours, alpha[:, None]], axis=1)[raw[:, :, 0]]
    solid = np.full((*raw.shape[:2], 1), 255, np.uint8)
    match raw.shape[2]:
        case 1:
            return np.concatenate([raw, raw, raw, solid], axis=2)
        case 2:
            grey = raw[:, :, :1]
            return np.concatenate([grey, grey, grey, raw[:, :, 1:]], axis=2)
        case 3:
            return np.concatenate([raw, solid], axis=2)
    return raw


def _difference(one: Pixels, other: Pixels) -> tuple[float, Pixels]:
    """The part of the pixels that differ, and the later picture faded, with these in one colour."""
    import numpy as np

    height, width = max(one.shape[0], other.shape[0]), max(one.shape[1], other.shape[1])
    old, new = _on_white(one, height, width), _on_white(other, height, width)
    differs = (old != new).any(axis=2)
    if one.shape != other.shape:
        outside = np.ones((height, width), bool)
        outside[: min(one.shape[0], other.shape[0]), : min(one.shape[1], other.shape[1])] = False
        differs |= outside
    grey = (new.mean(axis=2, keepdims=True) * 0.35 + 255 * 0.65).astype(np.uint8)
    shown = np.repeat(grey, 3, axis=2)
    shown[differs] = _MARK
    return float(differs.mean()), shown


def _on_white(picture: Pixels, height: int, width: int) -> Pixels:
    """The picture on white ground, in the corner of a frame of that size."""
    import numpy as np

    framed = np.full((height, width, 3), 255, np.uint8)
    alpha = picture[:, :, 3:].astype(np.float32) / 255
    flat = picture[:, :, :3] * alpha + 255 * (1 - alpha)
    framed[: picture.shape[0], : picture.shape[1]] = flat.round().astype(np.uint8)
    return framed
