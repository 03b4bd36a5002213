"""All addresses of the HTTP door. Each wing's door lists its own."""

from django.urls import URLPattern, URLResolver, include, path

from examhall.base.settings import settings
from examhall.review.http import fairness, leniency
from examhall.site import views
from examhall.site.gallery import Gallery

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("accounts/", include("allauth.account.urls")),
    path("exam/attempts/", include("examhall.exam.http.attempt_urls")),
    path("", include("examhall.exam.http.urls")),
    path("", include("examhall.checkin.http.urls")),
    path("media/", include("examhall.media.http.urls")),
    path("", include("examhall.incidents.http.admin_urls")),
    path("incidents/", include("examhall.incidents.http.urls")),
    path("invigilation/", include("examhall.invigilation.http.urls")),
    path("review/", include("examhall.review.http.urls")),
    path("admin/fairness/", fairness.page, name="fairness"),
    path("admin/proctoring/leniency/", leniency.page, name="leniency"),
    *([path("gallery/", Gallery.as_view(), name="gallery")] if settings().demo or settings().debug else []),
    path("preferences/theme", views.theme, name="theme"),
]

handler500 = "examhall.site.errors.unforeseen"
