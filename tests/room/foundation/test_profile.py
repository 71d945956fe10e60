"""The municipality's profile and the invented cast."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import translation

from samverkan.foundation import municipality
from samverkan.foundation.access import ANONYMOUS, SYSTEM, Refused
from samverkan.foundation.municipality.models import Contact, Group
from samverkan.foundation.people import demo
from samverkan.foundation.people import services as people
from samverkan.foundation.people.models import Membership, Organisation, Person
from samverkan.site import demo as site_demo
from samverkan.site.profiles import ESKILSTUNA, TEMPLATE
from samverkan.site.profiles.reading import WrongProfile, load_profile, read_profile

pytestmark = pytest.mark.django_db


def test_loading_twice_changes_nothing() -> None:
    load_profile(ESKILSTUNA, actor=SYSTEM)
    before = list(Organisation.objects.order_by("pk").values()), list(Group.objects.order_by("pk").values())
    load_profile(ESKILSTUNA, actor=SYSTEM)
    assert (list(Organisation.objects.order_by("pk").values()), list(Group.objects.order_by("pk").values())) == before


def test_departments_answer_through_the_municipality_and_others_for_themselves() -> None:
    load_profile(ESKILSTUNA, actor=SYSTEM)
    home = Organisation.objects.get(is_home=True)
    departments = Organisation.objects.filter(kind="department")
    assert departments.count() == 6
    assert {row.controller_or_self_id for row in departments} == {home.pk}
    police = Organisation.objects.get(kind="police")
    assert police.controller_or_self_id == police.pk


def test_groups_and_contacts_are_the_source_pages() -> None:
    load_profile(ESKILSTUNA, actor=SYSTEM)
    kug = Group.objects.get(code="kug")
    assert "VD Kfast" in kug.functions and kug.chair == "Direktör för social hållbarhet"
    assert {group.code for group in Group.objects.filter(parent=kug)} == {"ksg-trygghet", "ksg-systemhotande"}
    assert Contact.objects.get(code="emergency-social").phone == "016-710 36 00"


def test_the_polices_areas_stand_in_the_register_without_borders() -> None:
    from samverkan.domain.places.models import Area

    for _twice in range(2):
        load_profile(ESKILSTUNA, actor=SYSTEM)
    areas = Area.objects.filter(edition__scheme__code="police").order_by("name")
    assert [(area.name, area.classification) for area in areas] == [
        ("Fröslunda", "VULNERABLE"),
        ("Skiftinge", "VULNERABLE"),
        ("Årby", "VULNERABLE"),
    ]
    assert all(area.geometry is None and not area.is_invented for area in areas)


def test_only_who_may_loads() -> None:
    with pytest.raises(Refused):
        load_profile(ESKILSTUNA, actor=ANONYMOUS)


def test_another_municipality_is_refused(tmp_path: Path) -> None:
    load_profile(ESKILSTUNA, actor=SYSTEM)
    other = tmp_path / "other.toml"
    other.write_text('[municipality]\nname = "Exempelby kommun"\n', "utf-8")
    with pytest.raises(WrongProfile, match="This installation serves Eskilstuna kommun"):
        load_profile(other, actor=SYSTEM)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_what_was_imported_before_the_profile_stays_with_the_municipality(language: str) -> None:
    with translation.override(language):
        unnamed = people.home()
    assert people.home() == unnamed
    load_profile(ESKILSTUNA, actor=SYSTEM)
    unnamed.refresh_from_db()
    assert (unnamed.name, Organisation.objects.filter(is_home=True).get()) == ("Eskilstuna kommun", unnamed)
    assert Organisation.objects.filter(kind="department", parent=unnamed).count() == 6


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The table [municipality] is missing."),
        ("[municipality]\n", "[municipality]: name is missing."),
        ('[municipality]\nname="A"\nnmae="B"\n', "[municipality]: nmae is not a known field."),
        ('[municipality]\nname="A"\n[[organisations]]\nname="B"\nkind="circus"\n', "'B': there is no kind 'circus'."),
        (
            '[municipality]\nname="A"\n[[organisations]]\nname="B"\nkind="school"\nparent="C"\n',
            "'B': parent 'C' must stand above it in the file.",
        ),
        (
            '[municipality]\nname="A"\n[[contacts]]\ncode="x"\nname="X"\nemail="nowhere"\n',
            "'nowhere' is no e-mail address.",
        ),
        ('[municipality]\nname="A"\n[settings]\n"est.cycle_weeks"="one"\n', "est.cycle_weeks must be int"),
        ('[municipality]\nname="A"\n[settings]\n"est.unknown"=1\n', "No room declares the setting 'est.unknown'."),
        ('[municipality]\nname="A"\n[[circus]]\nx=1\n', "No room reads a table called 'circus'."),
        ('[municipality]\nname="A"\nchecked_on="yesterday"\n', "write checked_on as a date"),
        ("name = ", "is not TOML"),
    ],
)
def test_each_problem_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "profile.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(WrongProfile) as refusal:
        read_profile(path)
    assert any(said in problem for problem in refusal.value.problems), refusal.value.problems


def test_the_template_is_a_profile_once_the_name_is_filled_in(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    path.write_text(TEMPLATE.read_text("utf-8").replace('name = ""', 'name = "Exempelby kommun"', 1), "utf-8")
    assert read_profile(path).municipality["name"] == "Exempelby kommun"


def test_the_cast_is_invented_and_everyone_has_a_seat() -> None:
    context = demo.Context()
    site_demo.load_profile(context)
    demo.load_cast(context)
    assert set(context.cast) == {player.code for player in demo.cast.all()}
    assert all(person.email.endswith("@exempel.test") and person.is_invented for person in Person.objects.all())
    assert context.actor("samordnare").role == "coordinator"
    assert context.actor("hyresvard").organisation_kind == "private_landlord"
    assert Membership.objects.filter(person__email="atgardsansvarig@exempel.test").count() == 2
    assert Membership.objects.get(person__email="bostadsbolag@exempel.test").substitute is not None
    listed = demo.demo_people()
    assert listed[0]["function"] == "Samordnare" and len(listed) == len(demo.cast.all())
    assert all(Person.objects.get(email=row["email"]).check_password(row["password"]) for row in listed[:2])
    assert municipality.get("est.cycle_weeks") == 1
