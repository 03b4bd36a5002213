"""The live door, and somebody who sits an exam before it."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from examhall.base.clock import SetClock
from examhall.base.errors import ExamhallError
from examhall.base.writer import writer
from examhall.exam.live.routes import ROUTES
from examhall.site.asgi import refuse
from tests.exam.sitting import Exam, Sitting, exam, started


@pytest.fixture
def live() -> Iterator[TestClient]:
    app = Starlette(routes=[Mount("/live/v1", routes=ROUTES)], exception_handlers={ExamhallError: refuse})
    with TestClient(app, base_url="http://testserver/live/v1") as client:
        yield client
    writer.stop()


@pytest.fixture
def of(root: UUID, clock: SetClock) -> Exam:
    return exam(root)


@pytest.fixture
def sitting(of: Exam) -> Sitting:
    return started(of)
