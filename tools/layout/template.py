"""A template, and where in it white space means nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tools.layout.reading import Control, Element, Leaf, Nodes, read
from tools.layout.words import BLOCK, BLOCKS, BOXED, BOXES, DRAWN, INCLUDING, INK, NOTHING, ROWS, SPACE, UNSEEN


@dataclass
class Look:
    """To the left (-1) or to the right (1), past the gaps that have been looked into.

    ``in_link``: out of the end of an element within a line. A space before that end would be underlined in a link,
    where the one after it is not: they are not the same.
    """

    way: int
    passed: set[tuple[int, int, bool]]
    in_link: bool = False


class Template:
    """A template that is read, with the gaps that mean nothing found. ``known``: templates by name, for ``extends``."""

    def __init__(self, text: str, known: dict[str, Template] | None = None) -> None:
        self.known = {} if known is None else known
        self.root = read(text)
        found = re.search(r"""\{% extends "([^"]+)" %\}""", text)
        self.extends = found[1] if found else ""
        self._all = list(self._gaps(self.root))
        self._settle()

    def _gaps(self, nodes: Nodes) -> Iterator[tuple[Nodes, int]]:
        for at in range(len(nodes.nodes) + 1):
            yield nodes, at
            if at < len(nodes.nodes):
                node = nodes.nodes[at]
                inner = [node.inner] if isinstance(node, Element) else []
                inner += [part for _tag, part in node.parts] if isinstance(node, Control) else []
                for part in inner:
                    yield from self._gaps(part)

    def _settle(self) -> None:
        """Take away every space that means nothing, and note where one could stand without being seen.

        First those beside blocks. Of the others a space is seen once where several meet: there is one everywhere it
        would not be seen, so that it does not matter where the template had them, and then those that are not needed
        go, that at the beginning and the innermost first, and the last before the first.
        """
        for nodes, _at in self._all:
            nodes.free = [False] * len(nodes.spaced)
        self._spaces = False
        beside_blocks = [gap for gap in self._all if self._unseen(*gap)]
        self._spaces = True
        for nodes, at in beside_blocks:
            nodes.spaced[at], nodes.free[at] = False, True
        changed = True
        while changed:
            changed = False
            for nodes, at in self._all:
                if not nodes.spaced[at] and not nodes.free[at] and self._unseen(nodes, at):
                    nodes.spaced[at] = changed = True
        last_first = self._all[::-1]
        last_first.sort(key=lambda gap: (gap != (self.root, 0), -gap[0].depth))
        for nodes, at in last_first:
            if nodes.spaced[at] and self._unseen(nodes, at):
                nodes.spaced[at], nodes.free[at] = False, True

    def _unseen(self, nodes: Nodes, at: int) -> bool:
        return any(self._beside(nodes, at, Look(way, {(nodes.key, at, False)})) <= NOTHING for way in (-1, 1))

    def _met(self, nodes: Nodes, at: int, look: Look) -> set[str]:
        """What is met in a gap or beyond it, in any rendering."""
        if nodes.spaced[at] and self._spaces:
            return {INK if look.in_link else SPACE}
        key = (nodes.key, at, look.in_link)
        if key in look.passed:
            return set()  # looked for already
        look.passed.add(key)
        return self._beside(nodes, at, look)

    def _beside(self, nodes: Nodes, at: int, look: Look) -> set[str]:
        index = at if look.way > 0 else at - 1
        if not 0 <= index < len(nodes.nodes):
            return self._around(nodes, look)
        if nodes is self.root and self.extends:
            return {BLOCK}  # only blocks of it are rendered
        node = nodes.nodes[index]
        if isinstance(node, Leaf):
            if node.way == "silent":
                return self._met(nodes, at + look.way, look)
            if look.way < 0 and node.name in INCLUDING:
                return {SPACE}
            return {BLOCK if node.way == BLOCK or self._in_row(node, nodes) else INK}
        if isinstance(node, Element):
            return {BLOCK if node.name in BLOCKS | DRAWN or self._in_row(node, nodes) else INK}
        met: set[str] = {INK} if node.name == "block" else set()
        for _tag, part in node.parts:
            met |= self._met(part, 0 if look.way > 0 else len(part.nodes), look)
        if node.may_give_nothing:
            met |= self._met(nodes, at + look.way, look)
        return met

    def _around(self, nodes: Nodes, look: Look) -> set[str]:
        """What is met beyond the first or the last of some nodes."""
        owner = nodes.owner
        if owner is None:
            space = INK if look.in_link else SPACE
            return {BLOCK} if self.extends else {space if look.way > 0 else INK}
        beyond = owner.at + (look.way > 0)
        if isinstance(owner, Element):
            if owner.name in BLOCKS | BOXES | UNSEEN or owner.classes & (ROWS | BOXED):
                return {BLOCK}
            return self._met(owner.within, beyond, Look(look.way, look.passed, in_link=look.way > 0))
        if owner.name == "block" and self.extends and owner.within is self.root:
            left, right, _row = self._of_block(owner.title)
            met = left if look.way < 0 else right
            return {INK if look.in_link and what == SPACE else what for what in met}
        met = self._met(owner.within, beyond, look)
        if owner.name == "for" and nodes is owner.parts[0][1]:
            met |= self._met(nodes, len(nodes.nodes) if look.way < 0 else 0, look)
        return met

    def _in_row(self, node: Leaf | Element, nodes: Nodes) -> bool:
        """Whether an element stands directly within what is laid out as flex or grid."""
        if isinstance(node, Leaf) and not node.text.startswith("<"):
            return False
        while isinstance(nodes.owner, Control):
            owner = nodes.owner
            if owner.name == "block" and self.extends and owner.within is self.root:
                return self._of_block(owner.title)[2]
            nodes = owner.within
        return nodes.owner is not None and bool(nodes.owner.classes & ROWS)

    def _of_block(self, title: str) -> tuple[set[str], set[str], bool]:
        """What stands to the left and right of a block where it is laid out, and whether that is a row."""
        base = self.known.get(self.extends)
        if base is None:
            return {INK}, {INK}, False
        for nodes, at in base._all:
            node = nodes.nodes[at] if at < len(nodes.nodes) else None
            if isinstance(node, Control) and node.name == "block" and node.title == title:
                left, right = base._met(nodes, at, Look(-1, set())), base._met(nodes, at + 1, Look(1, set()))
                return left, right, base._in_row(Element("a", "", nodes, 0), nodes)
        return base._of_block(title) if base.extends else ({INK}, {INK}, False)
