"""Forms of imports and categories."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from samverkan.foundation import geo
from samverkan.foundation.postgres.functions import SvSort
from samverkan.foundation.web.conflict import in_words
from samverkan.foundation.web.forms import offer, offer_rows

from .categories import AREA_ONLY, EXACT
from .homes import often_a_home
from .importing.mapping import FIELDS
from .models import Category, Kind, Observation, PointAnswer, Source, SourceKind

#: What each field of a mapping is called, in the order of the form.
FIELD_LABELS = {
    "id": _("Identity"),
    "started": _("Date and time"),
    "date": _("Date"),
    "time": _("Time of day"),
    "ended": _("End"),
    "category": _("Category"),
    "main_category": _("Main category"),
    "title": _("Heading"),
    "description": _("Description"),
    "lon": _("Longitude"),
    "lat": _("Latitude"),
    "x": _("East (x)"),
    "y": _("North (y)"),
    "place": _("Place, by its name in the register"),
    "area": _("Area"),
    "municipality": _("Municipality"),
    "kind": _("Kind"),
    "seriousness": _("Seriousness (1, 2 or 3)"),
    "observation": _("Own observation or told by somebody else"),
    "observed_at": _("When the row was written"),
    "url": _("Web address"),
}
if set(FIELD_LABELS) != set(FIELDS):
    raise RuntimeError("Every field of a mapping needs its words in the form, and only those.")

#: How dates may be written, with the time of day after them or not. Empty: year first.
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_DATES = {
    "%d/%m/%Y": "23/11/2026",
    "%d.%m.%Y": "23.11.2026",
    "%m/%d/%Y": "11/23/2026",
    "%Y%m%d": "20261123",
    "%d-%m-%Y": "23-11-2026",
}
_JOINED = "\x1f"


class ManyFiles(forms.FileField):
    """One or more files in one field."""

    class Input(forms.FileInput):
        allow_multiple_selected = True

    widget = Input

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        found = list(data) if isinstance(data, list | tuple) else [data]
        return [super(ManyFiles, self).clean(one, initial) for one in found or [None]]


class Names(forms.MultipleChoiceField):
    """Names that were shown when the page was made; one that the page would no longer show is no mistake."""

    def valid_value(self, value: Any) -> bool:
        return True


class UploadForm(forms.Form):
    files = ManyFiles(  # type: ignore[assignment]
        label=_("Files"),
        help_text=_("CSV, XLSX, JSON, JSON lines or GeoJSON, also compressed with gzip. At most 200 MB together."),
    )
    profile = forms.ChoiceField(label=_("How the file is read"), required=False)

    def __init__(self, *args: Any, profiles: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ours = [("", _("I choose the columns")), ("polisen", _("The police's published events"))]
        offer(self, "profile", [*ours, *((p, p) for p in profiles)])


class MappingForm(forms.Form):
    """Which column is what, and what holds for all rows."""

    def __init__(
        self,
        *args: Any,
        columns: list[str],
        mapping: dict[str, Any] | None,
        proposed: dict[str, list[str]] | None = None,
        formats: dict[str, Any] | None = None,
        sheets: list[str] | None = None,
        sheet: str = "",
        to_answer: dict[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        self.before = mapping or {"formats": formats or {}}
        self.sheets, self.sheet = sheets or [], sheet
        chosen = self.before.get("columns") or proposed or {}
        kwargs["initial"] = self._initial(chosen)
        super().__init__(*args, **kwargs)
        names = [(name, name) for name in columns]
        for field, label in FIELD_LABELS.items():
            if field == "id":
                self.fields["column_id"] = forms.MultipleChoiceField(
                    label=label,
                    required=False,
                    choices=names,
                    widget=forms.CheckboxSelectMultiple(attrs={"data-look": "two"}),
                    help_text=_(
                        "What tells one row from every other, so that a corrected row replaces the former. Without it each row is known by its content."
                    ),
                )
                continue
            several = chosen.get(field, [])
            joined = (
                [(_JOINED.join(several), " + ".join(several))]
                if len(several) > 1 and set(several) <= set(columns)
                else []
            )
            self.fields[f"column_{field}"] = forms.ChoiceField(
                label=label, required=False, choices=[("", _("Not in the file")), *names, *joined]
            )
        self._rest()
        if len(self.sheets) > 1:
            self.fields["sheet"] = forms.ChoiceField(
                label=_("Sheet of the workbook"), required=False, choices=[(name, name) for name in self.sheets]
            )
            self.initial["sheet"] = self.sheet
        if to_answer:
            self._ask_about_places(to_answer)

    def _ask_about_places(self, proposed: dict[str, str]) -> None:
        """Each category that nobody has answered for; those that hardly are homes are ticked."""
        self.fields["exact"] = Names(
            label=_("Which of these may show exact places on the map?"),
            required=False,
            choices=[(name, name) for name in proposed],
            initial=[name for name, answer in proposed.items() if answer == EXACT],
            widget=forms.CheckboxSelectMultiple(attrs={"data-look": "two"}),
            help_text=_(
                "Nobody has said so of them before. Leave out what often happens in or by somebody's home, or between people "
                "who are close: only the area is kept of that. Ticks are proposed by the words; look them through."
            ),
        )
        # Only what was shown has been answered.
        self.fields["asked"] = Names(
            choices=[(name, name) for name in proposed],
            initial=list(proposed),
            required=False,
            widget=forms.MultipleHiddenInput,
        )

    def points(self) -> dict[str, str]:
        """What was answered now about categories' exact places."""
        exact = set(self.cleaned_data.get("exact", ()))
        return {name: EXACT if name in exact else AREA_ONLY for name in self.cleaned_data.get("asked", ())}

    def _rest(self) -> None:
        rows = list(Category.objects.of_incidents().filter(retired_on=None).order_by("order", SvSort("name_sv")))
        self.fields.update(
            {
                "source_name": forms.CharField(
                    label=_("What the source is called"),
                    max_length=60,
                    help_text=_("The same name each time, so that what was read before is recognised."),
                ),
                "licence": forms.CharField(label=_("Conditions of use"), max_length=200, required=False),
                "default_category": forms.ChoiceField(
                    label=_("Category, where the row has none"),
                    required=False,
                    choices=[("", _("None")), *((c.code, c.name) for c in rows if c.main_id)],
                ),
                "default_main_category": forms.ChoiceField(
                    label=_("Main category of new categories"),
                    required=False,
                    choices=[("", _("None")), *((c.code, c.name) for c in rows if c.main_id is None)],
                ),
                "default_municipality": forms.CharField(
                    label=_("Municipality, where the row has none"), required=False, max_length=100
                ),
                "default_area": forms.CharField(
                    label=_("Area, where the row has none"), required=False, max_length=100
                ),
                "default_kind": forms.ChoiceField(
                    label=_("Kind, where the row has none"), required=False, choices=[("", _("None")), *Kind.choices]
                ),
                "default_observation": forms.ChoiceField(
                    label=_("Observation, where the row has none"),
                    required=False,
                    choices=[("", _("None")), *Observation.choices],
                ),
                "default_seriousness": forms.ChoiceField(
                    label=_("Seriousness, where the row has none"),
                    required=False,
                    choices=[("", _("None")), *((n, n) for n in "123")],
                ),
                "date": forms.ChoiceField(
                    label=_("How dates are written"),
                    required=False,
                    choices=[
                        ("", _("As people write them: 2026-11-23, 23/11 2026, 23 November 2026")),
                        *_DATES.items(),
                        ("other", _("In another way")),
                    ],
                ),
                "date_other": forms.CharField(
                    label=_("Another way of writing dates"),
                    required=False,
                    max_length=60,
                    help_text=_("With the signs %Y, %m, %d, %H and %M, for example %d %B %Y."),
                ),
                "decimal": forms.ChoiceField(
                    label=_("Decimal sign"),
                    choices=[(".", _("Decimal point")), (",", _("Decimal comma"))],
                    widget=forms.RadioSelect(attrs={"data-look": "segments"}),
                ),
                "epsg": forms.IntegerField(
                    label=_("Coordinate system of x and y (EPSG)"),
                    required=False,
                    min_value=1000,
                    max_value=999_999,
                    help_text=_("For example 3006 (SWEREF 99 TM). Without it, that of the installation."),
                    widget=forms.TextInput(attrs={"data-width": "10", "inputmode": "numeric"}),
                ),
                "timezone": forms.CharField(
                    label=_("Time zone"), max_length=60, widget=forms.TextInput(attrs={"data-width": "20"})
                ),
                "categories": forms.CharField(
                    label=_("The file's words for categories"),
                    required=False,
                    max_length=20_000,
                    widget=forms.Textarea(attrs={"rows": 4}),
                    help_text=_("One per line: the file's word = our category."),
                ),
                "profile_name": forms.CharField(
                    label=_("Save these choices as a profile named"), required=False, max_length=60
                ),
            }
        )

    def _initial(self, chosen: dict[str, list[str]]) -> dict[str, Any]:
        source, formats = self.before.get("source", {}), self.before.get("formats", {})
        dates = list(formats.get("date", []))
        known = {tuple(pattern + time for time in _TIMES): pattern for pattern in _DATES}.get(
            tuple(dates), "other" if dates else ""
        )
        return {
            **{f"column_{field}": names if field == "id" else _JOINED.join(names) for field, names in chosen.items()},
            **{f"default_{name}": value for name, value in self.before.get("defaults", {}).items()},
            "source_name": source.get("name", ""),
            "licence": source.get("licence", ""),
            "date": known,
            "date_other": dates[0] if known == "other" else "",
            "decimal": formats.get("decimal", "."),
            "epsg": formats.get("epsg"),
            "timezone": formats.get("timezone", "Europe/Stockholm"),
            "categories": "\n".join(f"{word} = {ours}" for word, ours in self.before.get("categories", {}).items()),
        }

    def clean_epsg(self) -> int | None:
        epsg: int | None = self.cleaned_data["epsg"]
        if epsg:
            from pyproj.exceptions import CRSError

            try:
                geo.current().transformer_from(epsg)
            except CRSError:
                raise forms.ValidationError(
                    gettext("There is no coordinate system with the number {n}.").format(n=epsg)
                ) from None
        return epsg

    def clean_categories(self) -> dict[str, str]:
        found = {}
        for line in self.cleaned_data["categories"].splitlines():
            word, sign, ours = line.partition("=")
            if line.strip() and not (sign and word.strip() and ours.strip()):
                raise forms.ValidationError(
                    gettext("Write the file's word, an equals sign and our category: {line}").format(line=line[:60])
                )
            if line.strip():
                found[word.strip()] = ours.strip()
        return found

    def clean_source_name(self) -> str:
        name: str = self.cleaned_data["source_name"].strip()
        if not self._code(name):
            raise forms.ValidationError(gettext("Use letters or digits in the name."))
        if (
            Source.objects.filter(code=self._code(name)).exclude(kind=SourceKind.FILE).exists()
            or self._code(name) == "polisen"
        ):
            raise forms.ValidationError(gettext("That name belongs to a source that is not a file. Choose another."))
        return name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("date") == "other" and not data.get("date_other"):
            self.add_error("date_other", gettext("Write how the dates are written, with signs such as %Y-%m-%d."))
        if not (data.get("column_started") or data.get("column_date")):
            self.add_error("column_started", gettext("Choose which column is the date."))
        if not (data.get("column_category") or data.get("default_category")):
            self.add_error("column_category", gettext("Choose which column is the category, or one for all rows."))
        for one, other in (("lon", "lat"), ("lat", "lon"), ("x", "y"), ("y", "x")):
            if data.get(f"column_{one}") and not data.get(f"column_{other}"):
                self.add_error(f"column_{other}", gettext("A place needs both columns."))
        return data

    def _code(self, name: str) -> str:
        source = self.before.get("source", {})
        if name == source.get("name"):
            return str(source["code"])
        known = Source.objects.filter(name=name, kind=SourceKind.FILE).values_list("code", flat=True).first()
        return known or slugify(name)[:60]

    def mapping(self) -> dict[str, Any]:
        """What was chosen, as a mapping file would say it."""
        data = self.cleaned_data
        columns = {field: data[f"column_{field}"] for field in FIELD_LABELS}
        dates = (
            [data["date_other"]]
            if data["date"] == "other"
            else [data["date"] + time for time in _TIMES]
            if data["date"]
            else []
        )
        defaults = {name.removeprefix("default_"): data[name] for name in self.fields if name.startswith("default_")}
        return {
            "source": {
                "code": self._code(data["source_name"]),
                "name": data["source_name"],
                "licence": data["licence"],
            },
            "columns": {
                field: value if field == "id" else value.split(_JOINED) for field, value in columns.items() if value
            },
            "defaults": {name: value for name, value in defaults.items() if value},
            "formats": {
                "date": [d for d in dates if d],
                "timezone": data["timezone"],
                "decimal": data["decimal"],
                **({"epsg": data["epsg"]} if data["epsg"] else {}),
                **({"sheet": self.sheet} if len(self.sheets) > 1 else {}),
            },
            "categories": data["categories"],
            "points": {**self.before.get("points", {}), **self.points()},
        }

    def groups(self) -> list[tuple[Any, list[Any], bool]]:
        """(heading, fields, open) as the page shows them: the ordinary first, the rest folded in."""

        def of(*names: str) -> list[Any]:
            return [self[name] for name in names]

        columns = [f"column_{field}" for field in FIELD_LABELS if field != "id"]
        shown, folded_in = columns[:8], columns[8:]
        parts = [
            (_("The source"), of("source_name", *(["sheet"] if "sheet" in self.fields else [])), True),
            (_("Which column is what"), of(*shown, "column_id"), True),
            *([(_("Exact places"), of("exact"), True)] if "exact" in self.fields else []),
            (_("Place and more columns"), of(*folded_in), False),
            (_("The same for all rows"), of(*(n for n in self.fields if n.startswith("default_"))), False),
            (
                _("How dates, numbers and places are written"),
                of("date", "date_other", "timezone", "decimal", "epsg"),
                False,
            ),
            (_("Words for categories, and conditions of use"), of("categories", "licence"), False),
            (_("Save the choices"), of("profile_name"), False),
        ]
        return [
            (heading, fields, opened or any(f.errors or (f.name.startswith("column_") and f.value()) for f in fields))
            for heading, fields, opened in parts
        ]


_KEPT = [(EXACT, _("May be kept and shown on the map")), (AREA_ONLY, _("Only the area is kept (home-bound)"))]


class CategoryForm(forms.Form):
    name_sv = forms.CharField(label=_("Name in Swedish"), max_length=120)
    name_en = forms.CharField(label=_("Name in English"), max_length=120, required=False)
    main = forms.ModelChoiceField(
        label=_("Belongs to"),
        queryset=Category.objects.none(),
        required=False,
        to_field_name="code",
        empty_label=_("Is a main category itself"),
    )
    for_reports = forms.BooleanField(label=_("Partners can choose it when they report"), required=False)
    points = forms.ChoiceField(
        label=_("Exact places"),
        choices=_KEPT,
        widget=forms.RadioSelect,
        help_text=_(
            "What often happens in or by somebody's home, or between people who are close, is kept by area only: a dwelling "
            "identifies those who live there."
        ),
        error_messages={"required": _("Choose whether exact places may be kept.")},
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, category: Category | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if category is None or category.point_answer == PointAnswer.WAITS:
            name = self.data.get("name_sv") or (category.name_sv if category else "")
            if name:
                self.fields["points"].initial = AREA_ONLY if often_a_home(name) else EXACT
        mains = Category.objects.filter(main=None).order_by("order", SvSort("name_sv"))
        offer_rows(self, "main", mains.exclude(pk=category.pk) if category else mains)


def category_words(values: dict[str, Any]) -> dict[str, str]:
    """The values of a category's form, typed or saved, in words."""
    marks = {
        "for_reports": gettext("Yes") if values["for_reports"] else gettext("No"),
        "points": str(dict(_KEPT)[AREA_ONLY if values["is_home_bound"] else EXACT]),
    }
    return in_words({**values, **marks})


class PointsForm(forms.Form):
    """Categories whose exact places nobody has said may be kept, each to be answered; those to be kept are ticked."""

    exact = Names(
        label=_("Which of these may show exact places on the map?"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"data-look": "two"}),
        help_text=_(
            "Leave out what often happens in or by somebody's home, or between people who are close: only the area is kept of "
            "that. Ticks are proposed by the words; look them through."
        ),
    )
    asked = Names(required=False, widget=forms.MultipleHiddenInput)

    def __init__(self, *args: Any, rows: list[tuple[Category, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(row.code, row.name) for row, _answer in rows]
        for name in ("exact", "asked"):
            offer(self, name, choices)
        self.initial = {
            "exact": [row.code for row, answer in rows if answer == EXACT],
            "asked": [row.code for row, _answer in rows],
        }

    def answers(self) -> dict[str, str]:
        """Code → EXACT or AREA_ONLY, of those that were shown."""
        exact = set(self.cleaned_data["exact"])
        return {code: EXACT if code in exact else AREA_ONLY for code in self.cleaned_data["asked"]}
