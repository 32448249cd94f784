"""Settings of the service, read from `WEIR_*` environment variables and from nowhere else."""

import ipaddress
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from features.errors import WeirError
from models.state import StateExposed, default_state_dir, make_state_dir

SHORTEST_SECRET = 32
LONGEST_SECRET = 10_000
MAKE_A_SECRET = "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"  # noqa: S105 - advice
ENGINES = ("sqlite:///", "sqlite+pysqlite:///", "postgresql+psycopg://")


class InvalidSettings(WeirError):  # noqa: N818 - named after the user's mistake
    """An environment variable that is missing or cannot be used; the message names it."""


def _usable(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < SHORTEST_SECRET:
        raise ValueError(
            f"must have {SHORTEST_SECRET} characters or more; make one with: {MAKE_A_SECRET}"
        )
    if len(secret.get_secret_value()) > LONGEST_SECRET:
        raise ValueError(f"must have at most {LONGEST_SECRET} characters")
    return secret


def is_loopback(host: str) -> bool:
    """Tell whether a host name reaches this machine alone.

    Parameters
    ----------
    host : str
        A host name or address to bind.

    Returns
    -------
    bool
        True for `localhost` and loopback addresses; any other name counts as remote.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("0.0.0.0")
    (True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Settings(BaseSettings):
    """Everything that an operator can set, with its default.

    Each field is read from the variable `WEIR_` plus its name in capitals.

    Raises
    ------
    pydantic.ValidationError
        If a variable is missing or cannot be used. `load_settings` turns that into one line.
    """

    model_config = SettingsConfigDict(env_prefix="WEIR_", extra="ignore", frozen=True)

    secret: Annotated[SecretStr, AfterValidator(_usable)] = Field(
        description="Key material for entity tokens; 32 characters or more, no default."
    )
    state_dir: Path = Field(
        default_factory=default_state_dir,
        description="Folder for the SQLite file, signing keys and bundles; made if absent.",
    )
    database_url: SecretStr | None = Field(
        None, description="SQLAlchemy URL; by default `weir.sqlite` in the state folder."
    )
    host: str = Field("127.0.0.1", min_length=1, max_length=255)
    port: int = Field(8080, ge=0, le=65535, description="0 takes any free port.")
    allow_remote: bool = Field(
        default=False, description="Must be true to bind anything but loopback."
    )
    lane_window_minutes: float = Field(
        30.0,
        gt=0,
        le=10_080,
        allow_inf_nan=False,
        description="How long a vehicle without departs_at stays queued.",
    )
    retention_days: int = Field(
        3_650,
        ge=1,
        le=36_500,
        description="Older items are refused, and purged.",
    )
    identifier_days: int = Field(
        365, ge=1, le=36_500, description="How long plates and parties stay readable."
    )
    note_days: int = Field(
        1_095, ge=1, le=36_500, description="How long inspectors' free words are kept."
    )
    signal_days: int = Field(
        1_825, ge=1, le=36_500, description="How long signals are kept after they expired."
    )
    reply_days: int = Field(
        30, ge=1, le=36_500, description="How long an idempotency key is remembered."
    )
    audit_payload_days: int = Field(
        1_825, ge=1, le=36_500, description="How long the particulars of acts are kept."
    )
    max_body_bytes: int = Field(
        4_000_000, ge=1_000, le=100_000_000, description="Larger bodies get a 413."
    )
    max_waiting_items: int = Field(
        4_000,
        ge=500,
        le=1_000_000,
        description="Items waiting for a score before requests are shed with 503.",
    )
    claim_minutes: float = Field(
        15.0, gt=0, le=1_440, allow_inf_nan=False, description="How long a claim on an item holds."
    )
    caller_rate: float = Field(
        100.0,
        ge=1,
        le=100_000,
        allow_inf_nan=False,
        description="Requests a second that one key may send, ten seconds' worth at once.",
    )
    feed_rate: float = Field(
        2_000.0,
        ge=1,
        le=1_000_000,
        allow_inf_nan=False,
        description="The same for a key of role feed.",
    )
    session_idle_minutes: float = Field(
        30.0,
        gt=0,
        le=1_440,
        allow_inf_nan=False,
        description="How long somebody who is signed in may do nothing.",
    )
    session_hours: float = Field(
        12.0, gt=0, le=24, allow_inf_nan=False, description="How long a sign-in lasts at most."
    )
    checkpoint_seconds: float = Field(
        60.0,
        ge=0.1,
        le=86_400,
        allow_inf_nan=False,
        description="How often the head of the audit is signed.",
    )
    champion_poll_seconds: float = Field(
        0.5,
        ge=0.01,
        le=3_600,
        allow_inf_nan=False,
        description="How often a server looks for a newly promoted bundle and changed rules.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @model_validator(mode="after")
    def _bind_beyond_loopback_only_when_told(self) -> Self:
        if not self.allow_remote and not is_loopback(self.host):
            raise ValueError(
                f"WEIR_HOST: {self.host!r} is not loopback; set WEIR_ALLOW_REMOTE=true "
                "to let other machines in"
            )
        return self

    @model_validator(mode="after")
    def _know_the_engine(self) -> Self:
        if self.database_url and not self.database_url.get_secret_value().startswith(ENGINES):
            raise ValueError(f"WEIR_DATABASE_URL: must start with one of {', '.join(ENGINES)}")
        return self

    @cached_property
    def url(self) -> str:
        """SQLAlchemy URL of the store."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.state_dir / 'weir.sqlite'}"

    @property
    def lane_window(self) -> timedelta:
        """Time that a vehicle without `departs_at` stays in the queue."""
        return timedelta(minutes=self.lane_window_minutes)

    @property
    def claim_time(self) -> timedelta:
        """How long a claim on an item holds."""
        return timedelta(minutes=self.claim_minutes)

    @property
    def idle_time(self) -> timedelta:
        """How long somebody who is signed in may do nothing."""
        return timedelta(minutes=self.session_idle_minutes)

    @property
    def session_time(self) -> timedelta:
        """How long a sign-in lasts at most."""
        return timedelta(hours=self.session_hours)

    @property
    def retention(self) -> timedelta:
        """Age beyond which an item is refused."""
        return timedelta(days=self.retention_days)


def _variable(error: Any) -> str:  # noqa: ANN401 - a dictionary of pydantic's own
    return f"WEIR_{error['loc'][0].upper()}: " if error["loc"] else ""


def _fault(error: Any) -> str:  # noqa: ANN401 - a dictionary of pydantic's own
    if error["type"] == "missing" and error["loc"] == ("secret",):
        return f"WEIR_SECRET: is not set; make one with: {MAKE_A_SECRET}"
    message = error["msg"].removeprefix("Value error, ")
    return f"{_variable(error)}{message[0].lower()}{message[1:]}" if error["loc"] else message


def load_settings(**overrides: object) -> Settings:
    """Read the settings and make the state folder.

    Parameters
    ----------
    **overrides : object
        Settings that the command line gives; None leaves the environment's value.

    Returns
    -------
    Settings
        Checked settings; the state folder exists and is readable by its owner alone.

    Raises
    ------
    InvalidSettings
        If a variable is missing or cannot be used, or the folder cannot be made; names each.
    """
    given: dict[str, Any] = {name: value for name, value in overrides.items() if value is not None}
    try:
        settings = Settings(**given)
    except ValidationError as refused:
        faults = [_fault(error) for error in refused.errors(include_input=False)]
        raise InvalidSettings("; ".join(faults)) from None
    try:
        make_state_dir(settings.state_dir)
    except StateExposed as exposed:
        raise InvalidSettings(f"WEIR_STATE_DIR: {exposed.detail}") from None
    except OSError as failed:
        raise InvalidSettings(
            f"WEIR_STATE_DIR: cannot make {settings.state_dir}: {failed.strerror}; "
            "name a folder that this user may write"
        ) from None
    return settings
