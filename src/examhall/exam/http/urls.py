"""Addresses of this wing's pages."""

from django.urls import path

from examhall.exam.http import accommodation, assessment, candidate, profile, results, schedule

urlpatterns = [
    path("assessments/", assessment.listing, name="assessments"),
    path("assessments/new", assessment.new, name="assessment-new"),
    path("assessments/<uuid:assessment_id>/", assessment.page, name="assessment"),
    path("assessments/<uuid:assessment_id>/package", assessment.take_package, name="assessment-package"),
    path("assessments/<uuid:assessment_id>/questions/new/<str:kind>", assessment.new_question, name="question-new"),
    path(
        "assessments/<uuid:assessment_id>/questions/<uuid:item_version_id>/remove",
        assessment.remove_question,
        name="question-remove",
    ),
    path(
        "assessments/<uuid:assessment_id>/questions/<uuid:item_version_id>/move",
        assessment.move_question,
        name="question-move",
    ),
    path(
        "assessments/<uuid:assessment_id>/questions/<uuid:item_version_id>/",
        assessment.preview,
        name="question-preview",
    ),
    path(
        "assessments/<uuid:assessment_id>/questions/<uuid:item_version_id>.xml",
        assessment.preview_content,
        name="question-preview-xml",
    ),
    path("assessments/<uuid:assessment_id>/live", assessment.make_live, name="assessment-live"),
    path("assessments/<uuid:assessment_id>/version", assessment.new_version, name="assessment-version"),
    path("schedules/", schedule.listing, name="schedules"),
    path("schedules/new", schedule.new, name="schedule-new"),
    path("schedules/<uuid:schedule_id>/", schedule.page, name="schedule"),
    path("schedules/<uuid:schedule_id>/edit", schedule.edit, name="schedule-edit"),
    path("schedules/<uuid:schedule_id>/activate", schedule.activate, name="schedule-activate"),
    path("schedules/<uuid:schedule_id>/unschedule", schedule.unschedule, name="schedule-unschedule"),
    path("schedules/<uuid:schedule_id>/cancel", schedule.cancel, name="schedule-cancel"),
    path("schedules/<uuid:schedule_id>/candidates", schedule.take_candidates, name="schedule-candidates"),
    path("schedules/<uuid:schedule_id>/invite", schedule.invite, name="schedule-invite"),
    path(
        "schedules/<uuid:schedule_id>/candidates/<uuid:registration_id>/withdraw",
        schedule.withdraw,
        name="candidate-withdraw",
    ),
    path(
        "schedules/<uuid:schedule_id>/candidates/<uuid:registration_id>/accommodations",
        accommodation.page,
        name="candidate-accommodations",
    ),
    *(
        made
        for one in ("invigilator", "reviewer")
        for made in (
            path(f"schedules/<uuid:schedule_id>/{one}s", schedule.assign, {"as_what": one}, name=f"{one}-assign"),
            path(
                f"schedules/<uuid:schedule_id>/{one}s/<uuid:user_id>/remove",
                schedule.unassign,
                {"as_what": one},
                name=f"{one}-unassign",
            ),
        )
    ),
    path("admin/proctoring/", profile.page, name="profile"),
    path("results/", results.listing, name="results"),
    path("results/<uuid:schedule_id>/", results.page, name="results-of"),
    path("results/<uuid:schedule_id>/results.csv", results.export, name="results-csv"),
    path("results/<uuid:schedule_id>/<uuid:attempt_id>/", results.candidate, name="result"),
    path("exams/", candidate.exams, name="my-exams"),
    path("exam/attempts/<uuid:attempt_id>/items/<uuid:item_id>.xml", candidate.question, name="question-xml"),
]
