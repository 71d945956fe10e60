"""What rooms to the right tell this one, which knows nothing of them; filled in their ``apps.ready``."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from samverkan.foundation.registries import Panels
from samverkan.foundation.registry import Registry


class EventKinds(Registry[Callable[[Iterable[str]], list[tuple[str, str]]]]):
    """The kinds of events that a problem or a measure can be about, from whoever keeps the events.

    Each entry is ``offered(also)``: codes and names in the reader's language, sorted the Swedish way. Offered is
    what can be chosen today, and of ``also`` those that exist though they are no longer offered.
    """

    def add(self, key: str, offered: Callable[[Iterable[str]], list[tuple[str, str]]]) -> None:
        self.put(key, offered)

    def choices(self, also: Iterable[str] = ()) -> list[tuple[str, str]]:
        wanted = list(also)
        return [pair for offered in self.all() for pair in offered(wanted)]

    def names(self, codes: Iterable[str]) -> list[str]:
        """What kinds are called, sorted; one that nobody knows any more goes by its code, last."""
        wanted = list(dict.fromkeys(codes))
        known = {code: name for code, name in self.choices(wanted) if code in wanted} if wanted else {}
        return [*known.values(), *(code for code in wanted if code not in known)]


event_kinds = EventKinds("event_kinds")
#: Panels on the page of a measure.
panels = Panels("panels of a measure")
