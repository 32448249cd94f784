"""Hypothesis strategies: predicates as people might write them, and values for features."""

from collections.abc import Callable

from hypothesis import strategies as st

FEATURES = ("n_occupants", "local_hour", "value_usd", "plate_n_items_90d", "lookout_strength")

_numbers = st.sampled_from(
    [
        *("occupants", "model_year", "packages", "gross_weight_kg", *FEATURES),
        *("0", "1", "2.5", "60", "1e3", "1e308", "-3", ".5"),
    ]
)
_texts = st.sampled_from(
    [
        *("kind", "mode", "port", "plate_state", "body", "content", "filing_itn"),
        *("filing_exemption", "'pov'", "'ocean'", "'TX'", "''", "'é'"),
    ]
)
_flags = st.sampled_from(["form_4457", "routed", "TRUE", "FALSE"])
_line_numbers = st.sampled_from(["value_usd", "quantity", "weight_kg", "packages", "2000", "0"])
_line_texts = st.sampled_from(["description", "schedule_b", "license", "mode", "eccn"])
_patterns = st.text("abTé%_.*'", max_size=6).map(lambda text: text.replace("'", "''"))
_compared = st.sampled_from(["=", "<>", "!=", "<", "<=", ">", ">="])


@st.composite
def numbers(draw: st.DrawFn, depth: int, plain: st.SearchStrategy[str]) -> str:
    """Draw an expression of numbers."""
    if depth == 0 or draw(st.booleans()):
        return draw(plain)
    inner = numbers(depth - 1, plain)
    shape = draw(st.integers(0, 3))
    if shape == 0:
        return f"abs({draw(inner)})"
    if shape == 1:
        return f"coalesce({draw(inner)}, {draw(inner)})"
    if shape == 2:
        return f"-({draw(inner)})"
    return f"({draw(inner)} {draw(st.sampled_from('+-*/'))} {draw(inner)})"


@st.composite
def tests(draw: st.DrawFn, *, in_line: bool) -> str:
    """Draw a condition without a condition in it."""
    amounts = numbers(2, _line_numbers if in_line else _numbers)
    texts = _line_texts if in_line else _texts
    negated = draw(st.sampled_from(["", "NOT "]))
    shapes: list[Callable[[], str]] = [
        lambda: f"{draw(amounts)} {draw(_compared)} {draw(amounts)}",
        lambda: f"{draw(amounts)} {negated}BETWEEN {draw(amounts)} AND {draw(amounts)}",
        lambda: f"lower({draw(texts)}) {draw(_compared)} {draw(texts)}",
        lambda: f"{draw(texts)} {negated}LIKE '{draw(_patterns)}'",
        lambda: f"length({draw(texts)}) {negated}IN (1, 3, {draw(st.integers(0, 9))})",
        lambda: f"{draw(_flags)} IS {negated}NULL OR {draw(_flags)} = {draw(_flags)}",
    ]
    return shapes[draw(st.integers(0, len(shapes) - 1))]()


@st.composite
def conditions(draw: st.DrawFn, depth: int = 3, *, in_line: bool = False) -> str:
    """Draw a condition."""
    shape = draw(st.integers(0, 2)) if depth else 0
    if shape == 0:
        return draw(tests(in_line=in_line))
    inner = conditions(depth - 1, in_line=in_line)
    if shape == 1 or in_line:
        joint = draw(st.sampled_from(["AND", "OR", "AND NOT", "OR NOT"]))
        return f"({draw(inner)}) {joint} ({draw(inner)})"
    return f"any_line({draw(conditions(depth - 1, in_line=True))})"


feature_values = st.one_of(
    st.sampled_from([float("nan"), float("inf"), 0.0, -0.0, 1.0, 60.0]),
    st.floats(-1e3, 1e3, width=32),
)
"""What a feature may hold."""
