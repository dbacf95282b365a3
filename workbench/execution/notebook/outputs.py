"""What is kept of a cell's outputs: all, or the beginning and the end, in memory that does not grow with the rest."""

from __future__ import annotations

import io
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from workbench.execution.notebook.abridge import Cut, TooLarge
from workbench.execution.notebook.faults import size as said

PIECES = 64
"""Parts of the room; the text of a stream is kept or dropped in parts of about that size."""
EACH = 500
"""Bytes that an output counts beside its content: a million empty ones are large, too."""
LONGEST_ERROR = 100_000
"""Characters of an exception's text, and of its traceback, that are kept."""


@dataclass(eq=False)
class _Piece:
    """Some text of the stream ``name``, or one output of another kind.

    ``told`` once it was journaled, ``first`` when it belongs to the beginning that stays.
    """

    size: int = 0
    name: str = ""
    text: io.StringIO = field(default_factory=io.StringIO)
    node: NotebookNode | None = None
    display: str = ""
    told: bool = False
    first: bool = False


class CellOutputs:
    """The outputs of one cell, as far as they are kept: ``room`` bytes of them; ``dropped`` counts those of the others.

    ``tell`` is called with each output as it comes, until they have half of the room, and at the end with what is kept
    of the others.
    """

    def __init__(self, room: int, tell: Callable[[NotebookNode], None]) -> None:
        self.room = room
        self.dropped = 0
        self._tell = tell
        self._piece = max(room // PIECES, 1)
        self._to_tell = room // 2
        self._head: list[_Piece] = []
        self._rest: deque[_Piece] = deque()
        self._shown: dict[str, list[_Piece]] = {}
        self._head_size = self._rest_size = 0
        self._settled = False
        self._clear_next = False

    @property
    def size(self) -> int:
        """Bytes that are kept."""
        return self._head_size + self._rest_size

    def take(self, kind: str, content: Mapping[str, Any], size: int) -> None:
        """Keep what a message of that kind puts out, or does to what was put out; ``size`` in bytes."""
        display = (content.get("transient") or {}).get("display_id", "")
        match kind:
            case "stream":
                self.stream(content["name"], content["text"])
            case "clear_output":
                self.clear(bool(content.get("wait")))
            case "error":
                fields = {name: content[name] for name in ("ename", "evalue", "traceback")}
                self.show(output_of("error", **fields), size)
            case "display_data" | "execute_result" | "update_display_data":
                fields = {"metadata": content.get("metadata", {}), "data": content["data"]}
                self.update(display, fields["data"], fields["metadata"], size)
                if kind == "execute_result":
                    fields["execution_count"] = content["execution_count"]
                if kind != "update_display_data":
                    self.show(output_of(kind, **fields), size, display)

    def stream(self, name: str, text: str | Cut) -> None:
        """Keep what was printed."""
        self._before()
        if isinstance(text, str):
            for start in range(0, len(text), self._piece):
                self._print(name, text[start : start + self._piece])
            return
        self.stream(name, text.head)
        self._settle()
        self.dropped += text.missing
        self.stream(name, text.tail)

    def show(self, output: NotebookNode, size: int, display: str = "") -> None:
        """Keep an output of another kind, of ``size`` bytes; ``display`` is the id under which it may be updated."""
        self._before()
        piece = _Piece(self._lightened(output, size, self.room - self._head_size), node=output, display=display)
        if display:
            self._shown.setdefault(display, []).append(piece)
        self._tell_now(piece, output)
        self._rest.append(piece)
        self._rest_size += piece.size
        self._trim()

    def update(self, display: str, data: Mapping[str, Any], metadata: Mapping[str, Any], size: int) -> None:
        """Replace the content of the outputs shown under an id, also when the cell is over."""
        for piece in self._shown.get(display, ()):
            assert piece.node is not None
            output = output_of("display_data", data=dict(data), metadata=dict(metadata))
            grown = self._lightened(output, size, self.room - self.size + piece.size) - piece.size
            piece.node["data"], piece.node["metadata"] = output["data"], output["metadata"]
            piece.size += grown
            if piece.first:
                self._head_size += grown
            else:
                self._rest_size += grown

    def clear(self, wait: bool) -> None:
        """Forget what was put out; with ``wait`` not before there is something new."""
        self._clear_next = wait
        if not wait:
            self._head.clear()
            self._rest.clear()
            self._shown.clear()
            self._head_size = self._rest_size = 0
            self._settled = False

    def nodes(self) -> list[NotebookNode]:
        """The outputs as they are kept, with a note where some were dropped; streams are joined."""
        return [*_joined(self._head), *([self._note()] if self.dropped else []), *_joined(self._rest)]

    def close(self) -> list[NotebookNode]:
        """The outputs at the end of the cell; what was not told is told."""
        outputs = self.nodes()
        if self.dropped:
            self._tell(self._note())
        for output in _joined(piece for piece in [*self._head, *self._rest] if not piece.told):
            self._tell(output)
        self._head.clear()
        self._rest.clear()
        return outputs

    def _before(self) -> None:
        if self._clear_next:
            self.clear(wait=False)

    def _print(self, name: str, text: str) -> None:
        told = self._to_tell > 0
        last = self._rest[-1] if self._rest else None
        if last is None or last.node is not None or last.name != name or last.size > self._piece or last.told != told:
            last = _Piece(name=name)
            self._rest.append(last)
        self._tell_now(last, output_of("stream", name=name, text=text), len(text))
        last.text.write(text)
        grown = _weight(text)
        if last.size + grown > self._piece and "\r" in (whole := last.text.getvalue()):
            before = "\r" if "\r" in whole.partition("\n")[0].rstrip("\r") else ""
            whole = before + overwritten(whole)
            last.text = io.StringIO()
            last.text.write(whole)
            grown = _weight(whole) - last.size
        last.size += grown
        self._rest_size += grown
        self._trim()

    def _tell_now(self, piece: _Piece, output: NotebookNode, size: int | None = None) -> None:
        if self._to_tell > 0:
            self._to_tell -= EACH + (piece.size if size is None else size)
            piece.told = True
            self._tell(output)

    def _lightened(self, output: NotebookNode, size: int, room: int) -> int:
        """The size of an output, after what alone is more than ``room`` was taken out of it."""
        if size + EACH <= room:
            return size + EACH
        if output.output_type == "error":
            output.evalue = _shortened(output.evalue)
            output.traceback = _shortened("\n".join(output.traceback)).split("\n")
            return EACH + len(output.evalue) + sum(map(len, output.traceback))
        data = output.data
        for kind, content in list(data.items()):
            weight = _weight(content)
            if isinstance(content, Cut) and kind == "text/plain":
                data[kind] = f"{content.head}\n[{said(content.missing)} dropped]\n{content.tail}"
                self.dropped += content.missing
            elif isinstance(content, Cut | TooLarge) or weight > room:
                del data[kind]
                self.dropped += weight
                data.setdefault("text/plain", f"[{said(weight)} of {kind} dropped]")
        return EACH + sum(map(_weight, data.values()))

    def _trim(self) -> None:
        """Let go of the oldest of the rest until all fits."""
        if self.size > self.room:
            self._settle()
        while self._rest and self.size > self.room:
            piece = self._rest.popleft()
            self._rest_size -= piece.size
            self.dropped += piece.size
            if piece.display:
                self._shown[piece.display].remove(piece)

    def _settle(self) -> None:
        """From now on the first half of what is kept stays, and the rest makes way for what comes."""
        if self._settled:
            return
        self._settled = True
        while self._rest and self._head_size + self._rest[0].size <= self.room // 2:
            piece = self._rest.popleft()
            piece.first = True
            self._head.append(piece)
            self._head_size += piece.size
            self._rest_size -= piece.size

    def _note(self) -> NotebookNode:
        text = f"[{said(self.dropped)} dropped: a cell keeps {said(self.room)} of its outputs]"
        metadata = {"workbench": {"dropped": self.dropped}}
        return output_of("display_data", data={"text/plain": text}, metadata=metadata)


def output_of(kind: str, **fields: Any) -> NotebookNode:
    """An output; nbformat's own function holds each against a schema, which takes a millisecond."""
    return NotebookNode(output_type=kind, **fields)


def overwritten(text: str) -> str:
    """The text as a terminal shows it: what follows a carriage return takes the place of its line."""
    if "\r" not in text:
        return text
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))


def _joined(pieces: Iterable[_Piece]) -> Iterator[NotebookNode]:
    """The outputs that pieces make, those of one stream that follow each other as one."""
    name, texts = "", io.StringIO()
    for piece in pieces:
        if piece.node is not None or piece.name != name:
            if name:
                yield output_of("stream", name=name, text=overwritten(texts.getvalue()))
            name, texts = piece.name, io.StringIO()
        if piece.node is not None:
            yield piece.node
        else:
            texts.write(piece.text.getvalue())
    if name:
        yield output_of("stream", name=name, text=overwritten(texts.getvalue()))


def _weight(content: Any) -> int:
    """Bytes that a value takes in a notebook."""
    if isinstance(content, str):
        return len(content) if content.isascii() else len(content.encode("utf-8", "surrogatepass"))
    if isinstance(content, TooLarge):
        return content.size
    if isinstance(content, Cut):
        return _weight(content.head) + content.missing + _weight(content.tail)
    return len(json.dumps(content))


def _shortened(text: str) -> str:
    if len(text) <= LONGEST_ERROR:
        return text
    half = LONGEST_ERROR // 2
    return f"{text[:half]}\n[{said(len(text) - 2 * half)} dropped]\n{text[-half:]}"
