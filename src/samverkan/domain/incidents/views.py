"""Pages of imports and categories."""

from __future__ import annotations

from codecs import BOM_UTF8
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from samverkan.foundation import clock, municipality
from samverkan.foundation.access import Request
from samverkan.foundation.web import conflict, notices
from samverkan.foundation.web.numbers import format_number
from samverkan.foundation.web.pages import ask_first, attachment, form_page, found, page_of, refusals_at, sent

from . import forms, selectors, uploads
from .categories import AREA_ONLY, EXACT
from .importing import polisen
from .importing.told import sentences
from .models import ImportRun, PointAnswer, Upload
from .services import categories as category_services
from .services import profiles
from .services import uploads as upload_services


@require_http_methods(["GET", "POST"])
def imports(request: Request) -> HttpResponse:
    """Give files to read, and what has been read before."""
    actor = request.actor
    names = selectors.profile_names(actor)
    form = forms.UploadForm(sent(request), request.FILES or None, profiles=names)
    if form.is_valid():
        with refusals_at(form):
            upload = upload_services.receive(
                actor, files=form.cleaned_data["files"], profile=form.cleaned_data["profile"]
            )
            return redirect("import_run", upload.public_id)
    page = page_of(request, selectors.runs(actor))
    return form_page(request, "incidents/imports.html", {"form": form, "page": page})


@require_http_methods(["GET", "POST"])
def one_import(request: Request, public_id: UUID) -> HttpResponse:
    """One import from its files' arrival to its result: what to do with the columns, progress, what came of it."""
    actor = request.actor
    run = selectors.run(actor, public_id)
    upload = None if run and run.ended_at else selectors.upload(actor, public_id)
    if run is None and upload is None:
        raise Http404
    if request.method == "POST" and upload is not None and request.POST.get("do") == "remove":
        upload_services.remove(actor, upload=upload)
        notices.done(request, _("The files are removed. What had been read of them stays."))
        return redirect("import")
    if run is not None and run.ended_at:
        return _result(request, run)
    if run is not None or (upload is not None and upload.doing == "checking"):
        if request.method == "POST" and upload is not None and run is not None:
            upload_services.begin_import(actor, upload=upload)
            return redirect("import_run", public_id)
        return render(request, "incidents/progress.html", {"run": run, "upload": upload, **_doing(run, upload)})
    assert upload is not None
    return _columns(request, upload)


def _columns(request: Request, upload: Upload) -> HttpResponse:
    """How the columns are read; tried first, or read at once."""
    actor = request.actor
    preview = uploads.preview(upload)
    form = None
    if upload.profile != polisen.MAPPING.profile:
        understood = preview["understood"]
        asked = request.POST.get("sheet", "")
        if asked and asked != understood.get("sheet"):
            upload_services.use_sheet(actor, upload=upload, sheet=asked)
            return redirect("import_run", upload.public_id)
        form = forms.MappingForm(
            sent(request),
            columns=preview["columns"],
            mapping=upload.chosen,
            proposed=preview["proposed"],
            formats=preview.get("formats"),
            sheets=understood.get("sheets"),
            sheet=understood.get("sheet", ""),
            to_answer=uploads.to_be_answered(upload),
        )
    if request.method == "POST" and (form is None or form.is_valid()):
        with refusals_at(form):
            if form is not None:
                _choose(request, upload, form)
            do = request.POST.get("do")
            if do == "import" and form is not None and not form.points() and uploads.to_be_answered(upload):
                notices.refuse(request, _("Say first which of the new categories may show exact places."))
            elif do == "check":
                upload_services.begin_check(actor, upload=upload)
            elif do == "import":
                upload_services.begin_import(actor, upload=upload)
            else:
                notices.done(request, _("The choices are saved."))
            return redirect("import_run", upload.public_id)
    tried = uploads.tried(upload)
    context = {
        "upload": upload,
        "form": form,
        "check": tried,
        "noticed": sentences(tried or {}),
        "preview": preview,
        "stored": preview["stored"],
        "stopped": upload.doing == "stopped",
        "kept_days": municipality.get("retention.uploads_days"),
    }
    return form_page(request, "incidents/columns.html", context)


def _choose(request: Request, upload: Upload, form: forms.MappingForm) -> None:
    actor = request.actor
    mapping, name = form.mapping(), form.cleaned_data["profile_name"]
    # An answer about exact places is remembered with the profile; another change makes it another reading.
    same = {**mapping, "points": {}} == {**(upload.chosen or {}), "points": {}}
    profile = upload.profile if same else ""
    if profile:
        profiles.remember(actor, name=profile, points=form.points())
    upload_services.choose(actor, upload=upload, mapping=mapping, profile=profile)
    if name:
        checked = uploads.mapping_of(upload)
        assert checked is not None
        saved = profiles.save(actor, name=name, mapping=checked)
        upload_services.choose(actor, upload=upload, mapping=mapping, profile=saved.name)
        notices.done(request, _("The profile {name} is saved.").format(name=saved.name))


def _doing(run: ImportRun | None, upload: Upload | None) -> dict[str, Any]:
    """What is going on, for the page and for its part that renews itself."""
    if upload is None:
        return {"doing": "importing" if run else "", "read": 0, "total": 0}
    tried = uploads.tried(upload)
    return {"doing": upload.doing, "read": upload.read, "total": tried["read"] if tried else 0}


@require_GET
def progress(request: Request, public_id: UUID) -> HttpResponse:
    """The part of the page that tells how far it has come; when done the whole page is loaded anew."""
    actor = request.actor
    run = selectors.run(actor, public_id)
    upload = None if run and run.ended_at else selectors.upload(actor, public_id)
    if run is None and upload is None:
        raise Http404
    doing = _doing(run, upload)
    response = render(request, "incidents/_progress.html", {"run": run, "upload": upload, **doing})
    if (run and run.ended_at) or doing["doing"] not in {"checking", "importing"}:
        response["HX-Refresh"] = "true"
    return response


def _result(request: Request, run: ImportRun) -> HttpResponse:
    counts = run.counts
    stored = sum(counts.get(name, 0) for name in ("created", "updated", "unchanged", "digests"))
    problems = [file for file in run.files if file.get("problem")]
    names = list(dict.fromkeys(file["name"] for file in run.files))
    context = {
        "run": run,
        "counts": counts,
        "stored": stored,
        "problems": problems,
        "names": names,
        "has_rejects": run.rejects is not None,
        "noticed": sentences(counts),
    }
    return render(request, "incidents/run.html", context)


@require_GET
def rejected_csv(request: Request, public_id: UUID) -> HttpResponse:
    """The rejected rows as they came, to be mended and given again."""
    actor = request.actor
    run = selectors.run(actor, public_id)
    content = bytes(run.rejects) if run and run.rejects else None
    if content is None and (upload := selectors.upload(actor, public_id)):
        content = uploads.rejected(upload)
    if content is None:
        raise Http404
    return attachment("avvisade.csv", BOM_UTF8 + content, "text/csv; charset=utf-8")


@require_GET
def categories(request: Request) -> HttpResponse:
    """All categories under their main categories."""
    retired = request.GET.get("avslutade") == "1"
    groups = selectors.categories(request.actor, retired=retired)
    count = sum(1 + len(parts) for _main, parts in groups)
    context = {
        "groups": groups,
        "retired": retired,
        "count": count,
        "to_answer": len(selectors.to_answer(request.actor)),
    }
    return render(request, "incidents/categories.html", context)


@require_http_methods(["GET", "POST"])
def category_points(request: Request) -> HttpResponse:
    """Categories whose exact places nobody has said may be kept: all answered at once."""
    actor = request.actor
    rows = selectors.to_answer(actor)
    form = forms.PointsForm(sent(request), rows=rows)
    if form.is_valid():
        answers = form.answers()
        lost = [row for row, _said in rows if answers.get(row.code) == AREA_ONLY and not row.is_home_bound]
        exact = sum(selectors.with_exact_place(actor, row) for row in lost)
        if exact and "confirmed" not in request.POST:
            return _ask_about_places(
                request, ", ".join(row.name for row in lost[:5]), exact, reverse("category_points")
            )
        category_services.answer(actor, answers=answers)
        notices.done(request, _("The answers are saved."))
        return redirect("categories")
    return form_page(request, "incidents/category_points.html", {"form": form, "rows": rows})


@require_http_methods(["GET", "POST"])
def new_category(request: Request) -> HttpResponse:
    """Add a category."""
    form = forms.CategoryForm(sent(request), initial={"main": request.GET.get("main"), "for_reports": True})
    if form.is_valid():
        with refusals_at(form):
            category_services.add(request.actor, **_values(form))
            notices.done(request, _("The category is saved."))
            return redirect("categories")
    return form_page(request, "incidents/category_form.html", {"form": form})


def _values(form: forms.CategoryForm) -> dict[str, Any]:
    values = {name: value for name, value in form.cleaned_data.items() if name not in {"version", "points"}}
    return {**values, "is_home_bound": form.cleaned_data["points"] == AREA_ONLY}


def _ask_about_places(request: Request, name: str, exact: int, back: str) -> HttpResponse:
    words = ngettext("%(n)s incident loses its exact place", "%(n)s incidents lose their exact places", exact)
    return ask_first(
        request,
        room=name,
        heading=words % {"n": format_number(exact, language=get_language() or "sv")},
        lead=_(
            "A dwelling identifies those who live there. Only the area is kept, also in earlier versions. It cannot be undone."
        ),
        verb=_("Take the exact places away"),
        keep=_("Keep the exact places"),
        back=back,
    )


@require_http_methods(["GET", "POST"])
def category(request: Request, code: str) -> HttpResponse:
    """One category and its history; change, retire or bring back."""
    actor = request.actor
    row = found(selectors.category, actor, code)
    initial: dict[str, Any] = {name: getattr(row, name) for name in ("name_sv", "name_en", "for_reports", "version")}
    if row.point_answer != PointAnswer.WAITS:
        initial["points"] = AREA_ONLY if row.is_home_bound else EXACT
    initial["main"] = row.main.code if row.main else None
    form = forms.CategoryForm(sent(request), initial=initial, category=row)
    both = None
    if form.is_valid():
        values = _values(form)
        exact = selectors.with_exact_place(actor, row) if values["is_home_bound"] and not row.is_home_bound else 0
        if exact and "confirmed" not in request.POST:
            return _ask_about_places(request, row.name, exact, reverse("category", args=[row.code]))
        retired_on = {"retire": clock.today(), "revive": None}.get(request.POST.get("do", ""), row.retired_on)
        with refusals_at(form) as met:
            category_services.change(
                actor, category=row, version=form.cleaned_data["version"] or 0, retired_on=retired_on, **values
            )
            notices.done(request, _("The change is saved."))
            return redirect("category", row.code)
        if met.conflict:
            row = found(selectors.category, actor, code)
            saved = forms.category_words({name: getattr(row, name) for name in values})
            both = conflict.show_both(form, row, typed=forms.category_words(values), saved=saved)
    history = sorted(row.versions.all(), key=lambda version: -version.number)
    context = {"category": row, "form": form, "history": history, "both": both}
    return form_page(request, "incidents/category.html", context)
