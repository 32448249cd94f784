"""Who may call what: one table of route, method, role and port, which the application enforces."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

Role = Literal[
    "feed", "inspector", "supervisor", "analyst", "scientist", "evaluator", "auditor", "admin"
]
ROLES: tuple[Role, ...] = get_args(Role)

Foreign = Literal["hidden", "refused", "portless"]
"""What a caller gets for a port that the key does not reach.

`hidden`: 404, as if there were no such item. `refused`: 403, since the caller named the port.
`portless`: the route is about no port.
"""


class Access(NamedTuple):
    """Who may call a route, and what a foreign port gets.

    Parameters
    ----------
    roles : frozenset of str or None
        Roles that are let in; None lets everybody in, without a key.
    foreign : str
        One of `Foreign`.
    """

    roles: frozenset[Role] | None
    foreign: Foreign


_OFFICERS: frozenset[Role] = frozenset({"inspector", "supervisor"})
_POSTS_ITEMS: frozenset[Role] = _OFFICERS | {"feed", "admin"}
_SEES_QUEUE: frozenset[Role] = _OFFICERS | {"analyst", "auditor", "admin"}
_SEES_ITEMS: frozenset[Role] = _SEES_QUEUE | {"scientist"}
_SEES_FINDINGS: frozenset[Role] = _SEES_QUEUE
_BRINGS_EVIDENCE: frozenset[Role] = frozenset({"feed", "supervisor", "analyst", "admin"})
_SEES_FIGURES: frozenset[Role] = frozenset(
    {"supervisor", "analyst", "scientist", "evaluator", "auditor", "admin"}
)
_CHOOSES_MODELS: frozenset[Role] = frozenset({"supervisor", "scientist", "admin"})
_OPENS_SHIFTS: frozenset[Role] = frozenset({"supervisor"})
_SEES_AUDIT: frozenset[Role] = frozenset({"auditor", "admin"})
_DRAFTS_RULES: frozenset[Role] = frozenset({"analyst"})
_RELEASES_RULES: frozenset[Role] = frozenset({"analyst", "supervisor"})
_SEES_RULES: frozenset[Role] = _SEES_ITEMS
_SEES_RULE_FIGURES: frozenset[Role] = frozenset(
    {"supervisor", "analyst", "scientist", "evaluator", "auditor", "admin"}
)
_WATCHES: frozenset[Role] = frozenset({"analyst", "supervisor"})
_SEES_WATCHES: frozenset[Role] = _WATCHES | {"auditor", "admin"}

_OPEN = Access(None, "portless")

HAS_PAGES: frozenset[Role] = frozenset(ROLES) - {"feed"}
"""Roles that may sign in to the pages."""

PAGES: Mapping[tuple[str, str], Access] = {
    ("GET", "/"): _OPEN,
    ("GET", "/sign-in"): _OPEN,
    ("POST", "/sign-in"): _OPEN,
    ("POST", "/sign-out"): Access(HAS_PAGES, "portless"),
    ("GET", "/static/{name}"): _OPEN,
    ("GET", "/queue"): Access(_SEES_QUEUE, "refused"),
    ("GET", "/queue/items"): Access(_SEES_QUEUE, "refused"),
    ("GET", "/items/{item_id}"): Access(_SEES_ITEMS, "hidden"),
    ("POST", "/items/{item_id}/claim"): Access(_OFFICERS, "hidden"),
    ("POST", "/items/{item_id}/release"): Access(_OFFICERS, "hidden"),
    ("GET", "/items/{item_id}/skip"): Access(_OFFICERS, "hidden"),
    ("POST", "/items/{item_id}/skip"): Access(_OFFICERS, "hidden"),
    ("GET", "/items/{item_id}/finding"): Access(_OFFICERS, "hidden"),
    ("POST", "/items/{item_id}/finding"): Access(_OFFICERS, "hidden"),
    ("GET", "/rules"): Access(_SEES_RULES, "portless"),
    ("GET", "/rules/{rule_id}"): Access(_SEES_RULES, "hidden"),
    ("POST", "/rules/{rule_id}/release"): Access(_RELEASES_RULES, "hidden"),
    ("POST", "/rules/{rule_id}/retire"): Access(_RELEASES_RULES, "hidden"),
    ("GET", "/performance"): Access(_SEES_FIGURES, "refused"),
    ("GET", "/audit"): Access(_SEES_AUDIT, "portless"),
    ("POST", "/audit/verify"): Access(_SEES_AUDIT, "portless"),
}
"""The pages: method and path to who may open them, signed in with a key."""

PERMISSIONS: Mapping[tuple[str, str], Access] = {
    ("GET", "/livez"): _OPEN,
    ("GET", "/readyz"): _OPEN,
    ("GET", "/metrics"): _OPEN,
    ("GET", "/openapi.json"): _OPEN,
    ("POST", "/v1/score"): Access(_POSTS_ITEMS, "refused"),
    ("POST", "/v1/score/batch"): Access(_POSTS_ITEMS, "refused"),
    ("POST", "/v1/decide"): Access(_POSTS_ITEMS, "refused"),
    ("GET", "/v1/queue"): Access(_SEES_QUEUE, "refused"),
    ("GET", "/v1/items/{item_id}"): Access(_SEES_ITEMS, "hidden"),
    ("GET", "/v1/items/{item_id}/inspections"): Access(_SEES_FINDINGS, "hidden"),
    ("POST", "/v1/items/{item_id}/claim"): Access(_OFFICERS, "hidden"),
    ("DELETE", "/v1/items/{item_id}/claim"): Access(_OFFICERS, "hidden"),
    ("POST", "/v1/items/{item_id}/skip"): Access(_OFFICERS, "hidden"),
    ("POST", "/v1/inspections"): Access(_OFFICERS, "hidden"),
    ("POST", "/v1/signals"): Access(_BRINGS_EVIDENCE, "portless"),
    ("POST", "/v1/outcomes"): Access(_BRINGS_EVIDENCE, "hidden"),
    ("POST", "/v1/rules"): Access(_DRAFTS_RULES, "refused"),
    ("GET", "/v1/rules"): Access(_SEES_RULES, "portless"),
    ("POST", "/v1/rules/preview"): Access(_RELEASES_RULES, "refused"),
    ("GET", "/v1/rules/{rule_id}"): Access(_SEES_RULES, "hidden"),
    ("POST", "/v1/rules/{rule_id}/release"): Access(_RELEASES_RULES, "hidden"),
    ("POST", "/v1/rules/{rule_id}/retire"): Access(_RELEASES_RULES, "hidden"),
    ("GET", "/v1/rules/{rule_id}/performance"): Access(_SEES_RULE_FIGURES, "hidden"),
    ("POST", "/v1/lookouts"): Access(_WATCHES, "portless"),
    ("GET", "/v1/lookouts"): Access(_SEES_WATCHES, "portless"),
    ("DELETE", "/v1/lookouts/{lookout_id}"): Access(_WATCHES, "portless"),
    ("POST", "/v1/suppressions"): Access(_WATCHES, "portless"),
    ("GET", "/v1/suppressions"): Access(_SEES_WATCHES, "portless"),
    ("DELETE", "/v1/suppressions/{suppression_id}"): Access(_WATCHES, "portless"),
    ("POST", "/v1/shifts"): Access(_OPENS_SHIFTS, "refused"),
    ("GET", "/v1/shifts"): Access(_SEES_QUEUE, "refused"),
    ("GET", "/v1/shifts/{shift_id}"): Access(_SEES_QUEUE, "hidden"),
    ("POST", "/v1/shifts/{shift_id}/plan"): Access(_OPENS_SHIFTS, "hidden"),
    ("GET", "/v1/performance"): Access(_SEES_FIGURES, "refused"),
    ("GET", "/v1/performance/what-if"): Access(_SEES_FIGURES, "refused"),
    ("GET", "/v1/models"): Access(_SEES_FIGURES, "portless"),
    ("POST", "/v1/models/{version}/promote"): Access(_CHOOSES_MODELS, "portless"),
    ("POST", "/v1/models/{version}/challenge"): Access(_CHOOSES_MODELS, "portless"),
    ("DELETE", "/v1/models/challenger"): Access(_CHOOSES_MODELS, "portless"),
    ("POST", "/v1/models/rollback"): Access(_CHOOSES_MODELS, "portless"),
    ("POST", "/v1/models/kill"): Access(_CHOOSES_MODELS, "portless"),
    ("POST", "/v1/models/restore"): Access(_CHOOSES_MODELS, "portless"),
    ("GET", "/v1/audit"): Access(_SEES_AUDIT, "portless"),
    **PAGES,
}
"""Method and path to who may call it. A route that is not listed is refused to everybody."""

SEES_IDENTIFIERS: frozenset[Role] = frozenset({"inspector", "supervisor", "analyst", "admin"})
"""Roles that see plates, parties and notes in clear; others see tokens and no notes."""
