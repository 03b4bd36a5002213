"""The addresses of this wing's pages for administrators."""

from django.urls import path

from examhall.incidents.http import detectors

urlpatterns = [path("admin/detectors/", detectors.page, name="detectors")]
