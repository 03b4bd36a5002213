"""The addresses of the reviewer's pages, below /review/."""

from django.urls import path

from examhall.review.http import case, lists, schedule_sets, session, sets

urlpatterns = [
    path("", lists.schedules, name="review"),
    path("schedules/<uuid:schedule_id>/", lists.sessions, name="review-sessions"),
    path("sessions/<uuid:attempt_id>/", session.video, name="review-session"),
    path("sessions/<uuid:attempt_id>/online/", session.online, name="review-online"),
    path("sessions/<uuid:attempt_id>/incidents/", session.incident_log, name="review-incidents"),
    path("sessions/<uuid:attempt_id>/details/", session.details, name="review-details"),
    path("sessions/<uuid:attempt_id>/case/", case.page, name="review-case"),
    path("sessions/<uuid:attempt_id>/sets/", sets.page, name="review-sets"),
    path("sessions/<uuid:attempt_id>/sets/progress", sets.progress, name="review-sets-progress"),
    path("sessions/<uuid:attempt_id>/sets/<int:number>/<str:act>", sets.decide, name="review-set-decide"),
    path("schedules/<uuid:schedule_id>/sets/", schedule_sets.page, name="review-schedule-sets"),
    path("sessions/<uuid:attempt_id>/session.json", session.shown, name="review-session-data"),
]
