"""Draw a run: seconds per station, stacked, beside the floor."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def draw(runs: list[dict[str, Any]], path: Path) -> None:
    """Write a picture of the runs, one bar each, and the floor as a line across."""
    import matplotlib as mpl  # noqa: PLC0415 - a heavy import, after all is measured

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after use()

    figure, axes = plt.subplots(figsize=(9, 5), layout="constrained")
    labels = [f"{run['lines']:,} lines" for run in runs]
    bottoms = [0.0] * len(runs)
    colours = plt.get_cmap("tab20")
    for place, name in enumerate(runs[-1]["seconds"]):
        heights = [1e6 * run["seconds"][name] / run["lines"] for run in runs]
        axes.bar(labels, heights, bottom=bottoms, label=name, color=colours(place))
        bottoms = [low + high for low, high in zip(bottoms, heights, strict=True)]
    for place, run in enumerate(runs):
        level = 1e6 * run["floor_seconds"] / run["lines"]
        axes.hlines(level, place - 0.45, place + 0.45, colors="black", linestyles="dashed")
        axes.annotate("floor", (place + 0.3, level), ha="center", va="bottom")
    axes.set_ylabel("microseconds per line")
    axes.set_title(f"{runs[-1]['invoices']:,} invoice(s), end to end")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize="small")
    figure.savefig(path, dpi=120)
