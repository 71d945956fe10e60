"""However observations come, in whatever order and cut into whatever imports: the newest is current, nothing is lost."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from samverkan.domain.incidents.importing.mapping import from_dict
from samverkan.domain.incidents.models import Incident, IncidentVersion
from samverkan.domain.incidents.store import STAGE, apply
from samverkan.foundation.weeks import Week


def observation(number: int, external: str, content: int, seen: int, digest: bool) -> dict[str, Any]:
    base = datetime(2026, 1, 5, 12, tzinfo=UTC)
    return {
        "seq": number,
        "round": 0,
        "external_id": external,
        "content_hash": bytes([content] * 16),
        "observed_at": base + timedelta(hours=seen),
        "kind": "event",
        "title": f"t{content}",
        "description": "",
        "url": "",
        "observation": "unknown",
        "seriousness": None,
        "trend": "",
        "is_digest": digest,
        "started_at": base,
        "ended_at": None,
        "time_precision": "minute",
        "week": Week.of(base.date()).index,
        "precision": "municipality",
        "x": None,
        "y": None,
        "radius_m": None,
        "hexagon": None,
        "area_id": None,
        "place_id": None,
        "municipality_id": None,
        "organisation_id": None,
        "published_at": None,
    }


OBSERVATIONS = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 3), st.integers(0, 5)),
    min_size=1,
    max_size=14,
    unique_by=lambda o: (o[0], o[2]),
)


class Fixed:
    """The rows every property run shares."""

    def __init__(self) -> None:
        from samverkan.domain.incidents.categories import Lookup
        from samverkan.domain.incidents.importing.run import source_of

        self.category = Lookup().find("klotter").pk
        self.source = source_of(from_dict({"source": {"code": "egenskap"}, "columns": {"date": "d", "category": "c"}}))
        self.sequences = itertools.count()

    def own(self, observations: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
        """The same of incidents that no other sequence tells of: emptying the tables between would be slower each time."""
        number = next(self.sequences)
        return [(f"{number}{external}", content, seen) for external, content, seen in observations]

    def store(self, observations: list[tuple[str, int, int]]) -> Any:
        rounds: dict[str, int] = {}
        rows = []
        for number, (external, content, seen) in enumerate(observations):
            row = observation(number, external, content, seen, False)
            row["round"] = rounds[external] = rounds.get(external, -1) + 1
            row["category_id"], row["controller_id"] = self.category, self.source.controller_id
            rows.append(tuple(row[name] for name, _type in STAGE))
        return apply(self.source.pk, rows)


def sequences(examples: int) -> Any:
    return settings(max_examples=examples, suppress_health_check=list(HealthCheck))


def check_sequence(fixed: Fixed, observations: list[tuple[str, int, int]], cut: int) -> None:
    """Whatever the order and however it is cut into imports: the newest is current, nothing is lost, twice is nothing."""
    observations = fixed.own(observations)
    one, two = observations[:cut], observations[cut:]
    total = [fixed.store(part) for part in (one, two) if part]
    assert sum(o.created + o.updated + o.unchanged + o.digests for o in total) == len(observations)
    stored = Incident.objects.filter(source=fixed.source, external_id__in={o[0] for o in observations})
    current = {incident.external_id: (incident.pk, incident.title) for incident in stored}
    history: dict[int, set[str]] = {pk: {title} for pk, title in current.values()}
    for pk, title in IncidentVersion.objects.filter(incident__in=history).values_list("incident", "content__title"):
        history[pk].add(title)
    for external in {o[0] for o in observations}:
        mine = sorted((o for o in observations if o[0] == external), key=lambda o: o[2])
        pk, title = current[external]
        # The latest observation is what the row says.
        assert title == f"t{mine[-1][1]}"
        assert history[pk] == {f"t{content}" for _e, content, _s in mine}
    again = fixed.store(observations)
    assert (again.created, again.updated, again.unchanged) == (0, 0, len(observations))


@pytest.fixture
def fixed(fresh_db: str) -> Fixed:
    """Each import commits, as in operation: thousands in one transaction would be slower each time."""
    return Fixed()


def test_observations_in_any_order(fixed: Fixed) -> None:
    @sequences(25)
    @given(OBSERVATIONS, st.integers(0, 14))
    def run(observations: list[tuple[str, int, int]], cut: int) -> None:
        check_sequence(fixed, observations, cut)

    run()


@pytest.mark.long
@pytest.mark.parametrize("part", range(4))
def test_observations_in_any_order_ten_thousand_times(fixed: Fixed, part: int) -> None:
    """In parts of which each has its own fixed seed, so that processes share them."""

    @seed(part)
    @sequences(2_500)
    @given(OBSERVATIONS, st.integers(0, 14))
    def run(observations: list[tuple[str, int, int]], cut: int) -> None:
        check_sequence(fixed, observations, cut)

    run()


@pytest.mark.parametrize(
    "observations",
    [
        # An old observation equal to what was current then, and no neighbour of it later.
        [("a", 0, 1), ("a", 1, 2), ("a", 1, 0), ("a", 0, 3)],
        [("a", 0, 1), ("a", 0, 3), ("a", 1, 2)],
        [("a", 2, 4), ("a", 0, 3), ("a", 1, 2), ("a", 0, 1)],
    ],
)
def test_what_was_absorbed_is_no_version_later(fixed: Fixed, observations: list[tuple[str, int, int]]) -> None:
    for cut in range(len(observations) + 1):
        check_sequence(fixed, observations, cut)


def history_of(fixed: Fixed, external: str) -> tuple[str, list[tuple[str, datetime]]]:
    incident = Incident.objects.get(source=fixed.source, external_id=external)
    rows = IncidentVersion.objects.filter(incident=incident)
    return incident.title, sorted(rows.values_list("content__title", "observed_at"))


def test_an_event_that_returns_to_an_earlier_text_has_the_same_history_in_any_order(fixed: Fixed) -> None:
    """Whatever the order and the imports: each text once, at the time it was first seen."""

    @sequences(40)
    @given(
        st.lists(st.tuples(st.integers(0, 2), st.integers(0, 7)), min_size=2, max_size=7, unique_by=lambda o: o[1]),
        st.randoms(use_true_random=False),
        st.integers(0, 7),
    )
    def run(said: list[tuple[int, int]], dice: Any, cut: int) -> None:
        found = []
        for order in (
            sorted(said, key=lambda o: o[1]),
            sorted(said, key=lambda o: -o[1]),
            dice.sample(said, len(said)),
        ):
            own = fixed.own([("a", content, seen) for content, seen in order])
            for part in (own[:cut], own[cut:]):
                fixed.store(part)
            found.append(history_of(fixed, own[0][0]))
        assert found[0] == found[1] == found[2]
        titles = [title for title, _at in found[0][1]]
        assert len(titles) == len(set(titles)) and {*titles, found[0][0]} == {f"t{content}" for content, _seen in said}

    run()


def test_the_earlier_text_is_told_before_and_after(fixed: Fixed) -> None:
    for order in itertools.permutations([("a", 1, 1), ("a", 2, 2), ("a", 1, 3)]):
        own = fixed.own(list(order))
        for one in own:
            fixed.store([one])
        base = datetime(2026, 1, 5, 12, tzinfo=UTC)
        told = [("t1", base + timedelta(hours=1)), ("t2", base + timedelta(hours=2))]
        assert history_of(fixed, own[0][0]) == ("t1", told)


def test_every_order_of_three_versions_ends_alike(fixed: Fixed) -> None:
    versions = [("a", 1, 1), ("a", 2, 2), ("a", 1, 3)]
    for order in itertools.permutations(versions):
        own = fixed.own(list(order))
        for one in own:
            fixed.store([one])
        assert Incident.objects.get(source=fixed.source, external_id=own[0][0]).title == "t1"
