"""Reads a template into a tree of elements and of Django's tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tools.layout.words import BLOCK, BLOCKS, DRAWN, GIVING_BLOCKS, HOLDING, INK, RAW, SILENT, UNSEEN, VOID, WHITE


class Unreadable(ValueError):
    """A template that cannot be laid out; the message says where and why."""


@dataclass(eq=False)
class Leaf:
    """What is never broken: a word, a tag with output, a silent tag, a raw element. ``way``: ink, block or silent."""

    text: str
    way: str = INK
    own_line: bool = False
    name: str = ""


@dataclass(eq=False)
class Nodes:
    """Nodes with the gaps around them: gap ``i`` is before node ``i``."""

    owner: Element | Control | None
    depth: int
    nodes: list[Node] = field(default_factory=list)
    spaced: list[bool] = field(default_factory=lambda: [False])
    blank: list[bool] = field(default_factory=lambda: [False])
    free: list[bool] = field(default_factory=list)

    @property
    def key(self) -> int:
        return id(self)

    def add(self, node: Node) -> None:
        self.nodes.append(node)
        self.spaced.append(False)
        self.blank.append(False)


@dataclass(eq=False)
class Element:
    """An HTML element with its tags as written."""

    name: str
    opening: str
    within: Nodes
    at: int
    inner: Nodes = field(init=False)
    closing: str = ""

    def __post_init__(self) -> None:
        self.inner = Nodes(self, self.within.depth + 1)
        found = re.search(r"""\sclass="([^"{]*)(?=["{])""", self.opening)
        # A word that Django's tags may go on with is none yet.
        words = (found[1] + "_" * found.string.startswith("{", found.end())).split() if found else []
        self.classes = frozenset(words)


@dataclass(eq=False)
class Control:
    """A Django tag that holds others, in parts: (tag, nodes) for ``if``, each ``elif`` and ``else``."""

    name: str
    within: Nodes
    at: int
    parts: list[tuple[str, Nodes]] = field(default_factory=list)
    closing: str = ""

    def open(self, tag: str) -> Nodes:
        self.parts.append((tag, Nodes(self, self.within.depth + 1)))
        return self.parts[-1][1]

    @property
    def opening(self) -> str:
        return self.parts[0][0]

    @property
    def title(self) -> str:
        """The name of a block."""
        return self.opening.split()[2]

    @property
    def may_give_nothing(self) -> bool:
        """Whether none of the parts may be rendered."""
        last = self.parts[-1][0].split()[1]
        return (self.name == "if" and last != "else") or (self.name == "for" and last != "empty")


Node = Leaf | Element | Control


def end_of_tag(text: str, start: int) -> int:
    """Where the HTML tag that begins at ``start`` has ended: Django's tags and quotes in it hold no end."""
    at, quote = start + 1, ""
    while at < len(text):
        sign = text[at]
        if text.startswith(("{%", "{{"), at):
            at = text.index("%}" if text[at + 1] == "%" else "}}", at) + 1
        elif quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign == ">":
            return at + 1
        at += 1
    raise Unreadable(f"line {text.count(chr(10), 0, start) + 1}: the tag does not end")


def tokens(text: str) -> Iterator[str]:
    """White space, words, tags of HTML and of Django; a raw element or a held text is one token."""
    at = 0
    opens = re.compile(r"\{%|\{\{|\{#|<!--|<[a-zA-Z/!]")
    while at < len(text):
        start = at
        if text[at] in WHITE:
            while at < len(text) and text[at] in WHITE:
                at += 1
        elif text.startswith("{%", at):
            at = text.index("%}", at) + 2
            name = text[start + 2 : at - 2].split()[0]
            if name in {"blocktranslate", "comment"}:
                at = text.index("%}", text.index(f"{{% end{name}", at)) + 2
        elif text.startswith(("{{", "{#", "<!--"), at):
            end = {"{{": "}}", "{#": "#}", "<!": "-->"}[text[at : at + 2]]
            at = text.index(end, at) + len(end)
        elif opens.match(text, at):
            at = end_of_tag(text, at)
            name = name_of(text[start:at])
            if name in RAW and text[start + 1] != "/":
                closing = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(text, at)
                if closing is None:
                    raise Unreadable(f"line {text.count(chr(10), 0, start) + 1}: <{name}> does not end")
                at = closing.end()
        else:
            at += 1
            while at < len(text) and text[at] not in WHITE and not opens.match(text, at):
                at += 1
        yield text[start:at]


def name_of(tag: str) -> str:
    """The element of a tag."""
    found = re.match(r"</?([a-zA-Z][\w-]*)", tag)
    return found[1].lower() if found else ""


def _leaf(token: str) -> Leaf:
    """A token that holds no others."""
    if token.startswith("{%"):
        words = token[2:-2].split()
        named = bool(re.search(r"\sas\s+\w+\s*%\}$", token)) and words[0] not in {"include", "blocktranslate"}
        named |= words[0] == "blocktranslate" and "asvar" in token.partition("%}")[0].split()
        way = "silent" if words[0] in SILENT or named else BLOCK if words[0] in GIVING_BLOCKS else INK
        return Leaf(token, way, name=words[0])
    if token.startswith(("{#", "<!--")):
        return Leaf(token, "silent")
    if token.startswith("<!"):
        return Leaf(token, BLOCK, own_line=True)
    if token.startswith("<"):
        name = name_of(token)
        if name in UNSEEN:
            return Leaf(token, "silent", own_line=True)
        if name in BLOCKS or name == "pre":
            return Leaf(token, BLOCK, own_line=name != "br")
        if name in DRAWN:
            return Leaf(token, BLOCK)
        if name == "input" and re.search(r"""\stype="hidden\"""", token):
            return Leaf(token, "silent")
    return Leaf(token)


def read(text: str) -> Nodes:
    """The tree of a template."""
    here = root = Nodes(None, 0)
    line = 1
    for token in tokens(text):
        node = here.owner
        word = token[2:-2].split()[0] if token.startswith("{%") else ""
        if token[0] in WHITE:
            here.spaced[-1] = True
            here.blank[-1] = token.count("\n") > 1
        elif word in HOLDING:
            control = Control(word, here, len(here.nodes))
            here.add(control)
            here = control.open(token)
        elif isinstance(node, Control) and word in HOLDING[node.name]:
            here = node.open(token)
        elif node and _ends(node, token, word):
            node.closing = token
            here = node.within
        elif token.startswith("</") or word.startswith("end") or word in {"elif", "else", "empty"}:
            raise Unreadable(f"line {line}: {token} ends nothing that began beside it")
        elif re.match(r"<[a-zA-Z]", token) and not _alone(token):
            element = Element(name_of(token), token, here, len(here.nodes))
            here.add(element)
            here = element.inner
        else:
            here.add(_leaf(token))
        line += token.count("\n")
    if here.owner:
        raise Unreadable(f"{here.owner.opening} does not end")
    return root


def _ends(node: Element | Control, token: str, word: str) -> bool:
    if isinstance(node, Element):
        return token.startswith("</") and name_of(token) == node.name
    return word == f"end{node.name}"


def _alone(tag: str) -> bool:
    return name_of(tag) in VOID or name_of(tag) in RAW or tag.endswith("/>")
