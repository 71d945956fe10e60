"""Dataclasses for what is kept as plain data for ever: read from it, and written to it again to the letter.

What is locked is never changed, and so content of every age is read by the same classes: what was not kept when
it was locked reads as its default, and is not written. A field is only ever added, and always with a default.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from functools import cache
from typing import Any, ClassVar, Self, TypeVar, Union, cast, get_args, get_origin, get_type_hints

K = TypeVar("K", bound="Kept")

#: Fields of ``Kept`` itself, which are no content.
_OWN = frozenset({"unsaid", "others"})


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A part of kept content. Its parts are ``Kept`` too; lists are tuples of them or of plain values.

    Attributes
    ----------
    unsaid : the fields that nobody gave a value. They are not written, unless they have another since.
    others : what is kept under names that this version does not know. It is written again, and read by nobody.
    keys : the names of fields that are kept under other names, such as one that the language has taken.
    """

    keys: ClassVar[Mapping[str, str]] = {}

    unsaid: frozenset[str] | None = field(default=None, repr=False, compare=False)
    others: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __new__(cls, **said: Any) -> Self:
        self = super().__new__(cls)
        object.__setattr__(self, "_said", frozenset(said))
        return self

    def __post_init__(self) -> None:
        if self.unsaid is None:
            said: frozenset[str] = getattr(self, "_said")  # noqa: B009 (it is no field)
            object.__setattr__(self, "unsaid", frozenset(f.name for f in _content(type(self))) - said)

    def without(self, *names: str) -> Self:
        """The same, as if some fields had never been said."""
        plain: dict[str, Any] = {f.name: f.default for f in _content(type(self)) if f.name in names}
        return replace(self, **plain, unsaid=(self.unsaid or frozenset()) | plain.keys())

    def saying(self, **values: Any) -> Self:
        """The same with some fields said, which are then written even where they are the default."""
        return replace(self, **values, unsaid=(self.unsaid or frozenset()) - values.keys())

    def known(self) -> Self:
        """The same without what this version does not know."""
        return replace(self, others={})


def _content(of: type[Kept]) -> tuple[Field[Any], ...]:
    return tuple(f for f in fields(of) if f.name not in _OWN)


def write(kept: Kept) -> dict[str, Any]:
    """The content as plain data, as it was read or made."""
    unsaid = kept.unsaid or frozenset()
    out = {
        kept.keys.get(f.name, f.name): _plain(value)
        for f in _content(type(kept))
        if (value := getattr(kept, f.name)) != f.default or f.name not in unsaid
    }
    return {**kept.others, **out}


def _plain(value: Any) -> Any:
    if isinstance(value, Kept):
        return write(value)
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value


def read(of: type[K], data: Mapping[str, Any]) -> K:
    """Kept content from plain data. TypeError where something is missing that every age has kept."""
    known = {of.keys.get(f.name, f.name): f.name for f in _content(of)}
    readers = _readers(cast(Any, of))
    values = {known[key]: readers[known[key]](value) for key, value in data.items() if key in known}
    return of(**values, others={key: value for key, value in data.items() if key not in known})


@cache
def _readers(of: Any) -> dict[str, Callable[[Any], Any]]:
    hints = get_type_hints(of)
    return {f.name: _reader(hints[f.name]) for f in _content(of)}


def _reader(hint: Any) -> Callable[[Any], Any]:
    """How a value of a type is read. Plain values are as they are: what was 2.0 stays 2.0."""
    if get_origin(hint) in (Union, types.UnionType):
        (inner,) = [_reader(one) for one in get_args(hint) if one is not type(None)][:1] or [_as_it_is]
        return lambda value: None if value is None else inner(value)
    if isinstance(hint, type) and issubclass(hint, Kept):
        return lambda value: read(hint, value)
    if get_origin(hint) is tuple:
        one = _reader(get_args(hint)[0])
        return lambda value: tuple(one(v) for v in value)
    return _as_it_is


def _as_it_is(value: Any) -> Any:
    return value
