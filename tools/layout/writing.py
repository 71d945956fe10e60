"""Lays a template out: its tree as documents."""

from __future__ import annotations

import re

from tools.layout.printing import NOTHING_THERE, Concat, Doc, Fill, Group, Hard, Indent, Line, Text, printed
from tools.layout.reading import Element, Leaf, Node, Nodes, name_of
from tools.layout.tags import message, tag
from tools.layout.template import Template
from tools.layout.words import BLOCKS, RAW, UNSEEN

LONGEST = 120


def laid_out(template: Template) -> str:
    """The text as it should stand."""
    root = template.root
    if not root.nodes:
        return ""
    rows, _edges = _rows(root, one_a_line=bool(template.extends))
    return "\n" * root.spaced[0] + printed(rows, LONGEST) + "\n"


def _rows(nodes: Nodes, *, one_a_line: bool = False) -> tuple[Doc, tuple[Doc, Doc]]:
    """The nodes as rows of a group that may be broken, and what is at their edges."""
    docs = [_doc(node) for node in nodes.nodes]
    gaps = [_gap(nodes, at, one_a_line) for at in range(len(docs) + 1)]
    rows: list[Doc] = []
    row: list[Doc] = []
    unit: list[Doc] = []
    for doc, gap in zip(docs, [*gaps[1:-1], None], strict=True):
        unit.append(doc)
        if gap is None or isinstance(gap, Hard | Line):
            row.append(Concat(unit) if len(unit) > 1 else unit[0])
            unit = []
            if isinstance(gap, Line) and gap.flat:
                row.append(gap)
            else:
                rows.append(Fill(row) if len(row) > 1 else row[0])
                row = []
                rows += [gap] if gap is not None else []
    return Concat(rows), (gaps[0], gaps[-1])


def _gap(nodes: Nodes, at: int, one_a_line: bool) -> Doc:
    """What stands in a gap: nothing, a space or a line, or always a line."""
    if not nodes.spaced[at] and not nodes.free[at]:
        return NOTHING_THERE
    around = nodes.nodes[max(at - 1, 0) : at + 1]
    if any(_begins_line(node) for node in around) or one_a_line or _beside_block(around):
        return Hard(nodes.blank[at] and 0 < at < len(nodes.nodes))
    return Line(" " if nodes.spaced[at] else "")


def _beside_block(around: list[Node]) -> bool:
    """Whether one of two tags is Django's ``block``."""
    tags = [node for node in around if not isinstance(node, Leaf)]
    return len(tags) == 2 and any(node.name == "block" for node in tags)


def _begins_line(node: Node) -> bool:
    """Whether a block's tag is in it."""
    if isinstance(node, Leaf):
        return node.own_line
    if isinstance(node, Element):
        return node.name in BLOCKS | UNSEEN
    return any(_begins_line(inner) for _tag, part in node.parts for inner in part.nodes)


def _doc(node: Node) -> Doc:
    if isinstance(node, Leaf):
        if node.name == "blocktranslate":
            return message(node.text)
        if re.match(r"<[a-zA-Z]", node.text) and name_of(node.text) not in RAW:
            return tag(node.text)
        return Text(node.text)
    if isinstance(node, Element):
        return Group([tag(node.opening), *_held(node.inner), Text(node.closing)])
    docs: list[Doc] = []
    for opening, part in node.parts:
        docs += [Text(opening), *_held(part)]
    return Group([*docs, Text(node.closing)])


def _held(nodes: Nodes) -> list[Doc]:
    """What an element or a part holds, two spaces in where it is broken, and what stands before its end."""
    if not nodes.nodes:
        return [Text(" " if nodes.spaced[0] else "")]
    rows, (first, last) = _rows(nodes)
    if isinstance(nodes.owner, Element) and not rows.broken and first == NOTHING_THERE and last == Line(""):
        last = NOTHING_THERE  # what is not opened is not closed on a line of its own
    return [Indent([first, rows]), last]
