"""Pages of authors: assessments, their options and questions."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from examhall.base.errors import BadInput, Conflict, ExamhallError, NotFound
from examhall.base.words import InteractionKind
from examhall.exam.actions import assessment as acts
from examhall.exam.actions.items import Imported, create_item, import_package
from examhall.exam.http.forms import NewAssessmentForm, PackageForm, QuestionForm, options_form, refuse
from examhall.exam.reads.assessment import assessment_page, assessments, authoring_units, ensure_author, may_author
from examhall.exam.reads.items import preview_xml
from examhall.people.http.actor import actor_of

KINDS = (
    (InteractionKind.SINGLE_CHOICE, "Single choice", "circle-dot"),
    (InteractionKind.MULTIPLE_CHOICE, "Multiple choice", "square-check"),
    (InteractionKind.SHORT_TEXT, "Short text", "text-cursor-input"),
    (InteractionKind.NUMBER, "Number", "hash"),
    (InteractionKind.ESSAY, "Essay", "pen-line"),
)
_NAMES = {kind: name for kind, name, _ in KINDS}


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    return render(
        request, "exam/assessments.html", {"assessments": assessments(actor), "may_author": may_author(actor)}
    )


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    units = authoring_units(actor)
    if not units:
        raise NotFound("There is no such page, or it is not yours to see.")
    form = NewAssessmentForm(request.POST or None, units=units)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            made = acts.create_assessment(
                UUID(given["unit"]), code=given["code"], title=given["title"], options=form.options(), by=actor
            )
        except BadInput as error:
            refuse(form, error)
        else:
            return redirect("assessment", made)
    crumbs = [{"label": "Assessments", "url": "/assessments/"}, {"label": "New assessment"}]
    return render(request, "exam/assessment_new.html", {"form": form, "crumbs": crumbs}, status=_status(form.errors))


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    """The assessment with its questions; POST saves title and options."""
    actor = actor_of(request)
    shown = assessment_page(actor, assessment_id)
    form = options_form(shown, request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            acts.edit_assessment(
                assessment_id, title=form.cleaned_data["title"], options=form.options(shown.profile), by=actor
            )
        except ExamhallError as error:
            refuse(form, error)
        else:
            messages.success(request, "Saved. Exams scheduled before keep the settings they were scheduled with.")
            return redirect("assessment", assessment_id)
    return _page(request, assessment_id, form=form)


@require_POST
def take_package(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    assessment_page(actor, assessment_id)
    form = PackageForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            imported = import_package(assessment_id, content=form.cleaned_data["package"].read(), by=actor)
        except ExamhallError as error:
            refuse(form, error)
        else:
            _tell(request, imported)
            return redirect("assessment", assessment_id)
    return _page(request, assessment_id, package=form)


@require_http_methods(["GET", "POST"])
def new_question(request: HttpRequest, assessment_id: UUID, kind: str) -> HttpResponse:
    actor = actor_of(request)
    shown = assessment_page(actor, assessment_id)
    if kind not in _NAMES:
        raise NotFound("There is no such kind of question.")
    form = QuestionForm(request.POST or None, kind=InteractionKind(kind))
    if form.is_bound and form.is_valid():
        try:
            create_item(assessment_id, form=form.item(), by=actor)
        except ExamhallError as error:
            refuse(form, error)
        else:
            messages.success(request, "Question added.")
            return redirect("assessment", assessment_id)
    crumbs = [
        {"label": "Assessments", "url": "/assessments/"},
        {"label": shown.title, "url": f"/assessments/{shown.id}/"},
        {"label": _NAMES[InteractionKind(kind)]},
    ]
    context = {"form": form, "crumbs": crumbs, "assessment": shown, "kind_name": _NAMES[InteractionKind(kind)]}
    return render(request, "exam/question_new.html", context, status=_status(form.errors))


@require_POST
def remove_question(request: HttpRequest, assessment_id: UUID, item_version_id: UUID) -> HttpResponse:
    acts.remove_question(assessment_id, item_version_id=item_version_id, by=actor_of(request))
    messages.success(request, "Question removed. The library keeps it.")
    return redirect("assessment", assessment_id)


@require_POST
def move_question(request: HttpRequest, assessment_id: UUID, item_version_id: UUID) -> HttpResponse:
    """`number`: the place it gets. Back on the page the focus stands on the same button again."""
    try:
        number = int(request.POST.get("number", ""))
    except ValueError as wrong:
        raise BadInput("A place is a whole number.", fields={"number": "1 is the first."}) from wrong
    acts.move_question(assessment_id, item_version_id=item_version_id, number=number, by=actor_of(request))
    messages.success(request, f"Moved to place {number}.")
    way = "up" if "up" in request.GET else "down"
    there = reverse("assessment", args=[assessment_id])
    return redirect(f"{there}?moved={item_version_id}&way={way}")  # a fragment would take the focus away again


@require_GET
def preview(request: HttpRequest, assessment_id: UUID, item_version_id: UUID) -> HttpResponse:
    """One question as candidates see it; nothing that is tried in it is kept."""
    actor = actor_of(request)
    shown = assessment_page(actor, assessment_id)
    ensure_author(actor, assessment_id)
    at = next((at for at, one in enumerate(shown.questions) if one.id == item_version_id), None)
    if at is None:
        raise NotFound("This question is not in the assessment.")
    crumbs = [
        {"label": "Assessments", "url": "/assessments/"},
        {"label": shown.title, "url": f"/assessments/{shown.id}/"},
        {"label": f"Question {at + 1}"},
    ]
    context = {
        "assessment": shown,
        "question": shown.questions[at],
        "kind_name": _NAMES.get(shown.questions[at].kind, ""),
        "before": shown.questions[at - 1] if at else None,
        "after": shown.questions[at + 1] if at + 1 < len(shown.questions) else None,
        "crumbs": crumbs,
        "unit_name": shown.unit,
    }
    return render(request, "exam/question_preview.html", context)


@require_GET
def preview_content(request: HttpRequest, assessment_id: UUID, item_version_id: UUID) -> HttpResponse:
    """QTI 3 XML without any key, to authors of the assessment."""
    xml = preview_xml(actor_of(request), assessment_id, item_version_id)
    return HttpResponse(xml, content_type="application/xml; charset=utf-8")


@require_POST
def make_live(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    try:
        number = acts.make_live(assessment_id, by=actor_of(request))
    except Conflict as error:
        messages.error(request, error.message)
        return _page(request, assessment_id, status=error.status)
    messages.success(request, f"Version {number} is live and can be scheduled. It never changes from now on.")
    return redirect("assessment", assessment_id)


@require_POST
def new_version(request: HttpRequest, assessment_id: UUID) -> HttpResponse:
    number = acts.draw_up_version(assessment_id, by=actor_of(request))
    messages.success(request, f"Version {number} is a draft with the same questions.")
    return redirect("assessment", assessment_id)


def _page(
    request: HttpRequest,
    assessment_id: UUID,
    *,
    form: object = None,
    package: PackageForm | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = actor_of(request)
    shown = assessment_page(actor, assessment_id)
    options = form or options_form(shown)
    errors = getattr(options, "errors", None) or (package.errors if package else None)
    context = {
        "assessment": shown,
        "form": options,
        "package": package or PackageForm(),
        "kinds": KINDS,
        "reads_items": may_author(actor),
        "moved": request.GET.get("moved", ""),
        "way": request.GET.get("way", ""),
        "may_author": may_author(actor) and not shown.live,
        "may_version": may_author(actor) and shown.live,
        "crumbs": [{"label": "Assessments", "url": "/assessments/"}, {"label": shown.title}],
        "unit_name": shown.unit,
    }
    return render(request, "exam/assessment.html", context, status=400 if errors else status)


def _tell(request: HttpRequest, imported: Imported) -> None:
    messages.success(request, f"{imported.added} {'question' if imported.added == 1 else 'questions'} imported.")
    if imported.needs_review:
        messages.warning(request, f"Needs review before it can be used: {', '.join(imported.needs_review)}.")
    for refused in imported.refused:
        messages.error(request, f"{refused.path} was refused. {refused.reason}")


def _status(errors: object) -> int:
    return 400 if errors else 200
