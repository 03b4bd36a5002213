"""The installation's knobs: read once from `examhall.toml` and the environment; an unknown key is an error."""

import os
import tomllib
from collections.abc import Mapping
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal

import msgspec

from examhall.base.errors import BadInput
from examhall.base.words import CohortMetric

__all__ = ["PREFIX", "Settings", "load", "settings"]

PREFIX = "EXAMHALL_"
_LISTS = frozenset({"allowed_hosts", "known_networks", "cohort_metrics"})
_NOT_SETTINGS = frozenset({"EXAMHALL_SAMPLES", "EXAMHALL_CHROMIUM", "EXAMHALL_STARTED_BY"})
"""Variables that share the prefix and are no settings: of the development tools, and between our processes."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Every knob has a default that works on one machine."""

    var_dir: Path = Path("var")
    """Everything the installation writes lies below: database, media, models, keys."""
    database_url: str = ""
    """`sqlite:///path` or `postgresql://user:pass@host/name`; empty means SQLite in `var_dir`."""
    secret_key: str = ""
    """Signs sessions and tokens; empty means a key made once and kept in `var_dir/secret.key`."""
    allowed_hosts: list[str] = msgspec.field(default_factory=lambda: ["127.0.0.1", "localhost", "[::1]"])
    public_url: str = "http://127.0.0.1:8000"
    """How people reach the site; tells cookies and CSRF what to trust."""
    debug: bool = False
    demo: bool = False
    """The demo installation: shows the gallery of components."""
    doors: str = "both"
    """`both`, `http` or `live`: which door this process opens."""
    process: str = ""
    """This process in the liveness ledger, the same after a restart; empty means the machine's name, good for one."""
    media_dir: Path | None = None
    models_dir: Path | None = None
    known_networks: list[str] = msgspec.field(default_factory=list)
    """The site's own networks (CIDR), such as test centres: sharing one is no "Shared network"."""
    cohort_metrics: list[CohortMetric] = msgspec.field(
        default_factory=lambda: [CohortMetric.DURATION, CohortMetric.START_TIME, CohortMetric.END_TIME]
    )
    """What sessions of one exam are compared by, beside the score, never inside it; by default the technical ones."""
    score_medium_from: float = 20.0
    """Points from which a session's score is called medium, and a person is asked to look at it …"""
    score_high_from: float = 50.0
    """… and from which it is called high, and "fail" is suggested (product.md §7.1)."""
    support_contact: str = "your exam office"
    max_segment_bytes: int = 4 * 1024 * 1024
    worker_interval_s: float = 0.2
    smtp_host: str = ""
    """The server that takes our mail; empty: this installation sends none."""
    smtp_port: int = 587
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: str = ""
    mail_from: str = ""
    """The sender of every mail, such as `Exam office <exams@example.org>`; needed with `smtp_host`."""

    def __post_init__(self) -> None:
        if self.smtp_host and not self.mail_from:
            raise ValueError("`mail_from` is needed with `smtp_host`: name the sender of mails")
        if not 0 < self.score_medium_from < self.score_high_from <= 100:
            raise ValueError("`score_medium_from` is above 0 and below `score_high_from`, and that is 100 at most")
        if not 1 <= self.smtp_port <= 65535:
            raise ValueError("`smtp_port` is 1 to 65535")
        for network in self.known_networks:
            try:
                ip_network(network, strict=False)
            except ValueError as wrong:
                raise ValueError(f"known_networks: {network!r} is no network such as 10.2.0.0/16") from wrong

    @property
    def sends_mail(self) -> bool:
        """The demonstration prints its mails."""
        return bool(self.smtp_host) or self.demo

    @property
    def media_root(self) -> Path:
        return self.media_dir or self.var_dir / "media"

    @property
    def models_root(self) -> Path:
        return self.models_dir or self.var_dir / "models"

    @property
    def wake_socket(self) -> Path:
        """Where other processes of this machine tell the serving one that something is new."""
        return self.var_dir / "run" / "wake.sock"


def load(file: Path | None, environ: Mapping[str, str]) -> Settings:
    """Settings from `file` (TOML), overlaid by `EXAMHALL_*` variables.

    Raises BadInput naming the key when one is unknown or of the wrong kind.
    """
    found: dict[str, Any] = {}
    if file is not None and file.exists():
        found.update(tomllib.loads(file.read_text(encoding="utf-8")))
    for name, text in environ.items():
        if name.startswith(PREFIX) and name not in _NOT_SETTINGS:
            key = name.removeprefix(PREFIX).lower()
            found[key] = text.split(",") if key in _LISTS else text
    try:
        return msgspec.convert(found, Settings, strict=False, dec_hook=_path)
    except msgspec.ValidationError as wrong:
        raise BadInput(
            f"Setting refused: {wrong}. Known settings: {', '.join(Settings.__struct_fields__)}.",
            fields={"settings": str(wrong)},
        ) from wrong


def _path(kind: type[Any], value: Any) -> Any:  # noqa: ANN401 - msgspec's hook
    return Path(value) if issubclass(kind, Path) else value


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    file = os.environ.get("EXAMHALL_SETTINGS_FILE", "examhall.toml")
    environ = {name: text for name, text in os.environ.items() if name != "EXAMHALL_SETTINGS_FILE"}
    return load(Path(file), environ)
