"""What a client sends to the live door."""

from typing import Any

from examhall.base.answer import iso_ms
from examhall.base.clock import SetClock
from examhall.exam.access.token import sign
from tests.exam.sitting import CLIENT, Sitting

Json = dict[str, Any]


def token(sitting: Sitting, *, epoch: int | None = None) -> str:
    row = sitting.row
    return sign(
        attempt=row.id,
        registration=row.registration_id,
        user=row.registration.candidate_id,
        stream=row.stream_id,
        name=sitting.by.name,
        client=CLIENT,
        epoch=sitting.epoch if epoch is None else epoch,
    )


def bearer(sitting: Sitting, *, epoch: int | None = None) -> dict[str, str]:
    return {"authorization": f"Bearer {token(sitting, epoch=epoch)}"}


def heartbeat(sitting: Sitting, clock: SetClock, **changes: Any) -> Json:  # noqa: ANN401 - fields of the wire
    return {
        "epoch": sitting.epoch,
        "question_number": 2,
        "mono_ms": 1000,
        "client_at": iso_ms(clock.now()),
        "source_fps": {"webcam": 15, "screen": 5},
        "backlog": {"segments": 0, "bytes": 0},
        "full_screen": True,
        "visible": True,
        **changes,
    }


def answers(sitting: Sitting, clock: SetClock, *responses: Any, epoch: int | None = None) -> Json:  # noqa: ANN401
    sent = [
        {
            "item_id": sitting.items[n % 3],
            "question_number": 1 + n % 3,
            "client_seq": n + 1,
            "client_at": iso_ms(clock.now()),
            "mono_ms": 1000,
            "response": response,
        }
        for n, response in enumerate(responses)
    ]
    return {"epoch": sitting.epoch if epoch is None else epoch, "answers": sent}
