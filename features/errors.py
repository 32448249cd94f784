"""The one root of every error that Weir raises on purpose."""


class WeirError(Exception):
    """Something that the caller can put right.

    Parameters
    ----------
    detail : str
        What is wrong and what to do about it, in one or two sentences.
    field : str, optional
        The field, column, row or file at fault, written as the caller wrote it
        (`lines[0].value_usd`, `items.parquet: port`).
    """

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field


class InvalidRecord(WeirError):  # noqa: N818 - named after the user's mistake
    """An item, signal or finding that breaks the contract of its record."""


class InvalidTable(WeirError):  # noqa: N818 - named after the user's mistake
    """A table whose columns, types or rows break the contract of `features.records`."""


class UnknownCode(WeirError):  # noqa: N818 - named after the user's mistake
    """A port, country, exemption or exam method that no reference table has."""
