"""The manifest: what a bundle says about itself."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from features.fields import Time
from models.targets import Targets

MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
CONTENT = ("model.txt", "calibration.json", "card.md", "evaluation.json", "golden.parquet")
"""The files that every manifest lists, each by hash and size."""

TABLE_CONTENT = ("known.parquet", "vocabulary.parquet")
"""What a model of somebody else's table needs besides to turn its rows into features."""

FORMAT = "weir-bundle-1"
VERSION_PATTERN = r"^[0-9]{8}T[0-9]{6}Z-[0-9a-f]{12}$"

FeatureName = Annotated[str, Field(pattern=r'^[^\s"\',:\[\]{}\x00-\x1f\x7f]{1,200}$')]
"""A feature's name as LightGBM can carry it: no blanks, quotes, brackets, commas or colons."""

Finite = Annotated[float, Field(allow_inf_nan=False)]
Severity = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Threshold = Annotated[float, Field(gt=0, lt=1)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{8,128}$")]
Line = Annotated[str, Field(max_length=200)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Window(_Part):
    """A stretch of time, `[from_at, until_at)`.

    Parameters
    ----------
    from_at, until_at : datetime
        Its ends, UTC.
    """

    from_at: Time
    until_at: Time

    @model_validator(mode="after")
    def _ends_in_order(self) -> Self:
        if self.from_at >= self.until_at:
            raise ValueError("until_at must be later than from_at")
        return self


class Bands(_Part):
    """The risks from which an item counts as medium, high and very high.

    Parameters
    ----------
    medium, high, very_high : float
        Risks between 0 and 1, each at least the one before.
    """

    medium: Threshold
    high: Threshold
    very_high: Threshold

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.medium <= self.high <= self.very_high:
            raise ValueError("the thresholds must ascend: medium, high, very_high")
        return self


class FileEntry(_Part):
    """One file of the bundle.

    Parameters
    ----------
    sha256 : str
        Hash of its bytes, hexadecimal.
    size : int
        Its length in bytes.
    """

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size: Annotated[int, Field(ge=0)]


class Statement(_Part):
    """What the fitter states about a model; the rest of the manifest is computed.

    Parameters
    ----------
    created_at : datetime
        When the fit ended, UTC.
    feature_names : tuple of str
        The columns of X, in order.
    catalogue_hash : str
        Hash of the feature catalogue that defined them.
    data_hash : str
        Hash of the data that was fitted.
    code_version : str
        Version of Weir.
    libraries : dict of str to str
        Library to version.
    fit_window : Window
        When the fitted items were presented.
    label_window : Window
        When the labels that were used had been recorded.
    labels : {"observed", "all"}
        `all` read the simulator's truth: a ceiling to compare with, never to deploy.
    seed : int
        Seed of the fit.
    metrics : dict of str to float
        Figures on the test window.
    bands : Bands
        Risk thresholds.
    severity_by_mode : dict of str to float
        Expected severity in firearm equivalents given a find, by mode.
    severity_overall : float
        The same for modes with too few finds to say.
    encodings : dict of str to JSON value
        Codes and vocabularies that turn raw columns into features, where the catalogue
        does not define them.
    targets : Targets or None
        What it had to reach, as put down before the fit; None cannot be promoted.
    subject : {"items", "table"}
        What is scored: Weir's items, or rows of somebody else's table, which no server has.
    """

    created_at: Time
    feature_names: Annotated[tuple[FeatureName, ...], Field(min_length=1)]
    catalogue_hash: Digest
    data_hash: Digest
    code_version: Line
    libraries: dict[Line, Line]
    fit_window: Window
    label_window: Window
    labels: Literal["observed", "all"]
    seed: int
    metrics: dict[Line, Finite]
    bands: Bands
    severity_by_mode: dict[Line, Severity]
    severity_overall: Severity = 1.0
    encodings: dict[str, JsonValue] = Field(default_factory=dict)
    targets: Targets | None = None
    subject: Literal["items", "table"] = "items"

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        if len(set(self.feature_names)) != len(self.feature_names):
            raise ValueError("feature_names repeats a name")
        return self

    @model_validator(mode="after")
    def _targets_came_first(self) -> Self:
        if self.targets is not None and self.targets.stored_at > self.created_at:
            raise ValueError("targets must have been stored before the fit, not after it")
        return self

    @property
    def content(self) -> tuple[str, ...]:
        """The files that the manifest must list."""
        return CONTENT if self.subject == "items" else CONTENT + TABLE_CONTENT


class Manifest(Statement):
    """A statement with the files it is about and who signed it.

    Parameters
    ----------
    format : str
        Layout of the bundle.
    version : str
        The bundle's name: `created_at` and a digest of everything else the manifest says,
        hashes of the files included, so that other content is another version.
    files : dict of str to FileEntry
        Exactly the files of `content`.
    signer : str
        Key id of the fitter's key.
    """

    format: Literal["weir-bundle-1"]
    version: Annotated[str, Field(pattern=VERSION_PATTERN)]
    files: dict[str, FileEntry]
    signer: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]

    @model_validator(mode="after")
    def _files_are_the_content(self) -> Self:
        if set(self.files) != set(self.content):
            raise ValueError(f"files must be exactly {', '.join(self.content)}")
        return self
