"""The duties to file that the law knows, with their words and citations.

The law is read as of 27 January 2025 (15 CFR parts 30 and 758) with 90 FR 47170.
"""

from collections.abc import Mapping
from typing import NamedTuple

from features.reference.tables import exemptions


class FilingDuty(NamedTuple):
    """Whether a line needs a filing, and why.

    Parameters
    ----------
    required : bool
        True if a filing is due unless an exemption of `lifted_by` holds.
    code : str
        Name of the rule that decided.
    why : str
        The reason in words.
    citation : str
        The law.
    lifted_by : frozenset of str
        Exemptions that can lift the duty; empty if none can (15 CFR 30.2(a)(1)(iv)).
    """

    required: bool
    code: str
    why: str
    citation: str
    lifted_by: frozenset[str] = frozenset()


_OTHER_EXEMPTIONS = frozenset(exemptions()) - {"30.36", "30.37(a)", "30.37(y)"}
OUTSIDE = FilingDuty(
    required=False,
    code="not_an_export",
    why="goods that stay in the United States or go to its territories are not filed",
    citation="15 CFR 30.2(d)(2)",
)
BAG = FilingDuty(
    required=False,
    code="baggage",
    why="a traveller's own firearm under licence exception BAG is declared on Form 4457",
    citation="15 CFR 758.1(b)(9), 758.11, 30.37(x)",
)
ARMS: Mapping[str, FilingDuty] = {
    "firearm": FilingDuty(
        required=True,
        code="firearm_unfiled",
        why="a firearm needs a filing whatever its value and destination",
        citation="15 CFR 758.1(b)(9), 30.2(a)(1)(iv)(A)",
    ),
    "ammunition": FilingDuty(
        required=True,
        code="ammunition_unfiled",
        why="ammunition needs a filing whatever its value and destination",
        citation="15 CFR 758.1(b)(9), 30.2(a)(1)(iv)(A)",
    ),
    "shotgun": FilingDuty(
        required=True,
        code="shotgun_unfiled",
        why="a shotgun needs a filing whatever its value unless its barrel is 18 inches or longer",
        citation="15 CFR 758.1(b)(9), 30.2(a)(1)(iv)(A)",
    ),
}
LICENSED = FilingDuty(
    required=True,
    code="licensed_unfiled",
    why="licensed goods need a filing whatever their value",
    citation="15 CFR 30.2(a)(1)(iv), 758.1(b)(2)",
)
USED_VEHICLE = FilingDuty(
    required=True,
    code="used_vehicle_unfiled",
    why="a used vehicle needs a filing whatever its value and destination",
    citation="15 CFR 30.2(a)(1)(iv)(H)",
)
GROUP_E = FilingDuty(
    required=True,
    code="group_e_unfiled",
    why="whatever goes to a country of Country Group E needs a filing",
    citation="15 CFR 758.1(b)(1), 30.37(y)",
    lifted_by=frozenset({"30.37(y)"}),
)
CANADA = FilingDuty(
    required=False,
    code="canada",
    why="goods for Canada that need no licence are not filed",
    citation="15 CFR 30.36",
)
VEHICLE = FilingDuty(
    required=True,
    code="vehicle_unfiled",
    why="the low-value exemption does not cover vehicles",
    citation="15 CFR 30.37(a)",
    lifted_by=_OTHER_EXEMPTIONS,
)
HOUSEHOLD = FilingDuty(
    required=True,
    code="household_unfiled",
    why="household goods of more than $2,500 under a bill of lading need a short filing",
    citation="15 CFR 30.38, 30.37(a)",
    lifted_by=_OTHER_EXEMPTIONS,
)
VALUE = FilingDuty(
    required=True,
    code="value_unfiled",
    why="more than $2,500 of one Schedule B number on one conveyance needs a filing",
    citation="15 CFR 30.37(a)",
    lifted_by=_OTHER_EXEMPTIONS,
)
LOW_VALUE = FilingDuty(
    required=False,
    code="low_value",
    why="$2,500 or less of one Schedule B number on one conveyance is not filed",
    citation="15 CFR 30.37(a)",
)
