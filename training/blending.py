"""Several boosters as one: the weighted mean of their scores, written as one list of trees."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

_TREE = re.compile(r"^Tree=\d+\n", re.MULTILINE)
_END = "end of trees"
_SCALED = ("leaf_value", "internal_value")


def blend(boosters: Sequence[Any], shares: Sequence[float]) -> Any:  # noqa: ANN401 - lightgbm ships no types
    """Write the weighted mean of several boosters as one booster.

    Scores are sums of leaves, so that the mean of scores is the sum over all trees of leaves
    scaled by the share of their booster. Servers, reasons and golden rows see plain trees.

    Parameters
    ----------
    boosters : sequence of lightgbm.Booster
        One or more, fitted on the same columns.
    shares : sequence of float
        The weight of each.

    Returns
    -------
    lightgbm.Booster
        Its raw score is `sum(share * raw score)`, up to rounding.

    Raises
    ------
    ValueError
        If there are none, or not one share for each.
    """
    import lightgbm  # noqa: PLC0415 - costs seconds, only fitting needs it

    if not boosters or len(boosters) != len(shares):
        raise ValueError(f"{len(boosters)} boosters need as many shares, not {len(shares)}")
    texts = [booster.model_to_string() for booster in boosters]
    trees = [
        _scaled(tree, share)
        for text, share in zip(texts, shares, strict=True)
        for tree in _trees(text)
    ]
    blocks = [f"Tree={number}\n{tree}" for number, tree in enumerate(trees)]
    sizes = " ".join(str(len(block.encode())) for block in blocks)
    header = texts[0][: _TREE.search(texts[0]).start()]  # type: ignore[union-attr]
    header = re.sub(r"^tree_sizes=.*$", f"tree_sizes={sizes}", header, flags=re.MULTILINE)
    header = _with_ranges(header, texts)
    return lightgbm.Booster(model_str=f"{header}{''.join(blocks)}{_END}\n")


def _trees(text: str) -> Iterator[str]:
    bodies = text[: text.index(f"\n{_END}") + 1]
    starts = [match.end() for match in _TREE.finditer(bodies)]
    ends = [match.start() for match in _TREE.finditer(bodies)][1:]
    for start, end in zip(starts, [*ends, len(bodies)], strict=True):
        yield bodies[start:end]


def _scaled(tree: str, share: float) -> str:
    lines = tree.split("\n")
    for place, line in enumerate(lines):
        name, equals, values = line.partition("=")
        if equals and name in _SCALED and values:
            scaled = " ".join(repr(float(value) * share) for value in values.split(" "))
            lines[place] = f"{name}={scaled}"
    return "\n".join(lines)


def _with_ranges(header: str, texts: Sequence[str]) -> str:
    """State for each column the range that it had in any of the fits."""
    read = [re.search(r"^feature_infos=(.*)$", text, re.MULTILINE) for text in texts]
    columns = zip(*(match[1].split(" ") for match in read if match), strict=True)
    ranges = " ".join(_union(infos) for infos in columns)
    return re.sub(r"^feature_infos=.*$", f"feature_infos={ranges}", header, flags=re.MULTILINE)


def _union(infos: Sequence[str]) -> str:
    spans = [info[1:-1].split(":") for info in infos if info.startswith("[")]
    if not spans:
        return infos[0]
    low = min((span[0] for span in spans), key=float)
    high = max((span[1] for span in spans), key=float)
    return f"[{low}:{high}]"
