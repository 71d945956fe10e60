"""Mutants of a module (mutmut makes them) and how one is planted in the process that runs.

A mutant is planted in the functions themselves: each keeps its identity, and gets the code that the changed source
compiles to. So it reaches whoever imported the function before, and a process that forks needs no second start.
What stands outside functions has run by then and cannot be planted: tables of rules have tests that read them.
"""

from __future__ import annotations

import ast
import functools
import gc
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import libcst as cst
from mutmut.mutation.file_mutation import create_mutations

#: A function's qualified name, and which it is of those that bear it (a property's setter has its getter's name).
Key = tuple[str, int]

#: What is said to people is no rule: the catalogues' tests read it.
_SAYS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}

#: What changes nothing that a test could see: an assertion that two lists are of one length, a name's other spelling.
_SAME = re.compile(r",? *strict=(True|False|None)|, *(?=\))|utf-8|UTF-8")


@dataclass(frozen=True)
class Mutant:
    """One change of one module: what stood on the changed lines and what stands there instead."""

    file: str
    function: str
    was: str
    now: str
    codes: dict[Key, CodeType] = field(compare=False, repr=False, default_factory=dict)
    defaults: dict[Key, list[str]] = field(compare=False, repr=False, default_factory=dict)


class _Bare(cst.CSTTransformer):
    """Functions without their decorators, which mutmut leaves alone with what they decorate."""

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:
        return updated_node.with_changes(decorators=[])


class _Said(cst.CSTVisitor):
    """The nodes of texts for people: what is translated, and what an exception says."""

    def __init__(self) -> None:
        self.nodes: set[int] = set()

    def visit_Call(self, node: cst.Call) -> None:
        if isinstance(node.func, cst.Name) and node.func.value in _SAYS:
            self._all(node)

    def visit_Raise(self, node: cst.Raise) -> None:
        texts = (cst.SimpleString, cst.FormattedString, cst.ConcatenatedString)
        if isinstance(node.exc, cst.Call) and any(isinstance(argument.value, texts) for argument in node.exc.args):
            self._all(node.exc)

    def _all(self, node: cst.CSTNode) -> None:
        self.nodes.add(id(node))
        for child in node.children:
            self._all(child)


def mutants(path: Path, name: str) -> list[Mutant]:
    """Every change that can be planted, in the order of the source. ``name`` is the path as it is told."""
    bare = cst.parse_module(path.read_text()).visit(_Bare())
    module, mutations, _, _ = create_mutations(name, bare.code)
    source = module.code
    said = _Said()
    module.visit(said)
    within = {id(node): outer for outer in module.body for node in _functions(outer)}
    before, defaults_before = _codes(source, path), _defaults(source)
    found: dict[Mutant, None] = {}
    for mutation in mutations:
        if id(mutation.original_node) in said.nodes:
            continue
        if mutation.contained_by_top_level_function is None:
            continue
        # Within its statement only: the whole module would be copied for every change.
        outer: Any = within[id(mutation.contained_by_top_level_function)]
        old = module.code_for_node(outer)
        new = module.code_for_node(outer.deep_replace(mutation.original_node, mutation.mutated_node))
        changed = source.replace(old, new, 1)
        try:
            after, defaults_after = _codes(changed, path), _defaults(changed)
        except SyntaxError:
            continue
        if after.keys() != before.keys():
            continue
        codes = {key: code for key, code in after.items() if code != before[key]}
        defaults = {key: told for key, told in defaults_after.items() if told != defaults_before[key]}
        if codes or defaults:
            was, now = _lines(source, changed)
            if _SAME.sub("", was) == _SAME.sub("", now):
                continue
            # A change of length moves what follows, so the first is the one that changed.
            function = next(iter(defaults or codes))[0]
            found.setdefault(Mutant(name, function, was, now, codes, defaults))
    return list(found)


def _functions(outer: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield outer
    if isinstance(outer, cst.ClassDef):
        yield from outer.body.body


def _lines(before: str, after: str) -> tuple[str, str]:
    """The lines that differ, each side as one line."""
    old, new = before.splitlines(), after.splitlines()
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return tuple(" ".join(line.strip() for line in lines[start : len(lines) - end]) for lines in (old, new))  # type: ignore[return-value]


def _codes(source: str, path: Path) -> dict[Key, CodeType]:
    """The code of every function outside functions: those of the module and of its classes."""
    found: dict[Key, CodeType] = {}
    seen: Counter[str] = Counter()

    def read(code: CodeType) -> None:
        for inner in code.co_consts:
            if not isinstance(inner, CodeType):
                continue
            if inner.co_flags & 0x02:  # has a frame of its own: a function, and no body of a class
                found[inner.co_qualname, seen[inner.co_qualname]] = inner
                seen[inner.co_qualname] += 1
            else:
                read(inner)

    read(compile(source, str(path), "exec", dont_inherit=True))
    return found


def _defaults(source: str) -> dict[Key, list[str]]:
    """What the arguments of every function default to, as text."""
    found: dict[Key, list[str]] = {}
    seen: Counter[str] = Counter()

    def read(body: list[ast.stmt], within: str) -> None:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                name = within + node.name
                given = [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]
                found[name, seen[name]] = [ast.unparse(value) for value in given]
                seen[name] += 1
            elif isinstance(node, ast.ClassDef):
                read(node.body, f"{within}{node.name}.")

    read(ast.parse(source).body, "")
    return found


def living(path: Path) -> dict[Key, FunctionType]:
    """The functions of a module as they are in this process, decorated or not."""
    found: dict[Key, FunctionType] = {}
    seen: Counter[str] = Counter()
    ours = [f for f in gc.get_objects() if type(f) is FunctionType and f.__code__.co_filename == str(path)]
    for function in sorted(ours, key=lambda function: function.__code__.co_firstlineno):
        name = function.__code__.co_qualname
        if "<" not in name:
            found[name, seen[name]] = function
            seen[name] += 1
    return found


def plant(mutant: Mutant, functions: dict[Key, FunctionType]) -> None:
    """Change this process."""
    for key, code in mutant.codes.items():
        if key in functions:
            functions[key].__code__ = code
    for key, told in mutant.defaults.items():
        function = functions[key]
        values = [eval(text, function.__globals__) for text in told]
        places = len(function.__defaults__ or ())
        function.__defaults__ = tuple(values[:places]) or None
        function.__kwdefaults__ = dict(zip(function.__kwdefaults__ or {}, values[places:], strict=True)) or None


def remembering() -> list[Any]:
    """Our functions that remember their answers: what they remember is from before the change."""
    kept = type(functools.lru_cache(lambda: None))
    return [f for f in gc.get_objects() if type(f) is kept and (f.__module__ or "").startswith("samverkan")]
