"""Labels from inspections: what was found, how hard it was looked for, and the odds of looking."""

import polars as pl

from features.reference.tables import exam_methods

MOST_WEIGHT = 200.0
"""Largest inverse propensity that a label counts with, so that no single item decides a figure."""


def final_findings(inspections: pl.DataFrame) -> pl.DataFrame:
    """Reduce inspections to one completed finding per item.

    Corrected inspections give way to the correction that supersedes them; examinations that
    were not completed say nothing about the item. Of several completed ones a find decides.

    Parameters
    ----------
    inspections : polars.DataFrame
        The `inspections` table.

    Returns
    -------
    polars.DataFrame
        `item_id, find, n_firearms, n_parts, n_rounds, detection`, one row per item, ordered
        by `item_id`. `detection` is the probability, 0 to 1, that the completed exams would
        have found what was there: one less the product of what each misses. Methods that the
        reference does not know count as the best.
    """
    superseded = inspections["supersedes"].drop_nulls().implode()
    known = {code: method.detection for code, method in exam_methods().items()}
    missed = 1 - pl.col("method").replace_strict(
        known, default=max(known.values()), return_dtype=pl.Float64
    )
    return (
        inspections.filter(~pl.col("inspection_id").is_in(superseded))
        .filter(pl.col("outcome") != "not_completed")
        .group_by("item_id")
        .agg(
            (pl.col("outcome") == "find").any().alias("find"),
            pl.col("n_firearms", "n_parts", "n_rounds").max(),
            (1 - missed.product()).alias("detection"),
        )
        .sort("item_id")
    )


def inspection_weights(decisions: pl.DataFrame) -> pl.DataFrame:
    """Weigh chosen items by the inverse of the probability that they were chosen.

    The Horvitz-Thompson weight 1/p, bounded by `MOST_WEIGHT`. Officers choose with no known
    probability; their picks get weight 0, which keeps them out of figures and calibration
    while ranking still learns from them.

    Parameters
    ----------
    decisions : polars.DataFrame
        The `decisions` table.

    Returns
    -------
    polars.DataFrame
        `item_id, weight, explored`, one row per chosen item; `explored` tells whether it was
        drawn at random.

    References
    ----------
    .. [1] Horvitz and Thompson (1952), J. Am. Stat. Assoc. 47, 663-685.
    """
    known = (pl.col("arm") != "officer") & (pl.col("propensity") > 0)
    inverse = (1 / pl.col("propensity")).clip(upper_bound=MOST_WEIGHT)
    return (
        decisions.filter(pl.col("chosen"))
        .select(
            "item_id",
            pl.when(known).then(inverse).otherwise(0.0).alias("weight"),
            (pl.col("arm") == "exploration").fill_null(value=False).alias("explored"),
        )
        .group_by("item_id")
        .agg(pl.col("weight").max(), pl.col("explored").any())
    )
