"""What is done at the command line, as acts."""

import os
from typing import Any

from service.store.chain import Act

ROLE = "operator"


def operator_did(act: str, subject: str | None, **payload: Any) -> Act:  # noqa: ANN401 - JSON
    """Put into words what the system user of this process did.

    Parameters
    ----------
    act : str
        Such as `key.created`.
    subject : str or None
        Id of what it was done to.
    **payload : Any
        Particulars as JSON values.

    Returns
    -------
    Act
        A row for the audit; the actor is the user's number.
    """
    return Act(f"uid:{os.getuid()}", ROLE, act, subject, payload)
