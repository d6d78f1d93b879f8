"""Reports and comparisons for the eye: aligned tables of text, and HTML for notebooks and browsers."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence

from hedgekit.display import escaped, fragment, page, visible
from hedgekit.report import BETTER, WORSE, ChangeRow, Comparison, DifferenceRow, ErrorRow, FigureRow, Report

# A column: its heading, and whether its cells are numbers, which stand right.
Column = tuple[str, bool]
Cells = Sequence[Sequence[str]]

_WIDTH = 100
# So many rows of the long tables are shown as text, and in HTML.
_FEW, _MANY = 5, 20
# So many lines a long sentence gets.
_LINES = 3

_STYLE = """
.hedgekit .hk-table{border-collapse:collapse;font-size:.88em;line-height:1.5;margin:.2em 0 1em;color:inherit}
.hedgekit .hk-table td,.hedgekit .hk-table th{text-align:left;padding:.22em 1.3em .22em 0;vertical-align:top;overflow-wrap:anywhere;\
border:0;border-bottom:1px solid color-mix(in srgb,var(--hk-line) 40%,transparent);background:none;color:var(--hk-ink)}
.hedgekit .hk-table th{font-weight:400;color:var(--hk-faint)}
.hedgekit .hk-table .hk-n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.hedgekit .hk-table .hk-main td{font-weight:650}
.hedgekit .hk-table .hk-t{min-width:14em;max-width:26em}
.hedgekit .hk-wide{overflow-x:auto}
.hedgekit .hk-better{color:var(--hk-sure);font-weight:650}
.hedgekit .hk-worse{color:var(--hk-whence);font-weight:650}
.hedgekit .hk-part{font-size:1em;font-weight:650;margin:1.2em 0 .3em}
.hedgekit .hk-head{font-size:1.05em;margin:.2em 0 .8em}
.hedgekit .hk-range{display:block;width:8em;height:1.1em;margin-top:.2em}
.hedgekit .hk-notes{color:var(--hk-faint);font-size:.82em;line-height:1.55;margin:.8em 0 0;padding-left:1.2em;max-width:52em}
main.hedgekit{max-width:66em}
"""


def report_text(report: Report) -> str:
    """A report as aligned tables for a terminal; nothing in it can command the terminal."""
    parts = [
        _headline(report),
        _aligned(*_figure_table(report)),
        _titled("By class", _aligned(*_class_table(report))) if report.by_class else "",
        _titled("By type of cue", _aligned(*_type_table(report))) if report.by_type else "",
        _titled(f"By group, by {report.headline}, the worst first", _aligned(*_group_table(report, _FEW))) if report.by_group else "",
        _titled(f"Errors worth reading, {min(len(report.errors), _FEW)} of {len(report.errors)}", _error_text(report.errors[:_FEW]))
        if report.errors
        else "",
        _note_text((*report.notes, _sampling(report))),
    ]
    return "\n\n".join(part for part in parts if part)


def report_html(report: Report) -> str:
    """A report as a fragment of HTML, for notebooks: no script, nothing loaded."""
    return fragment(f'<div class="hk-head">{escaped(_headline(report))}</div>{_report_body(report)}', _STYLE)


def report_page(report: Report) -> str:
    """A report as a self-contained HTML page."""
    body = f'<div class="hk-note">{escaped(_headline(report))}</div>{_report_body(report)}'
    return page(f"How good is {_one_line(report.model)} on these data?", body, _STYLE)


def comparison_text(comparison: Comparison) -> str:
    """A comparison as aligned tables for a terminal; nothing in it can command the terminal."""
    parts = [_verdict(comparison), _aligned(*_difference_table(comparison))]
    for title, rows in _changes(comparison):
        parts.append(_titled(f"{title}, {min(len(rows), _FEW)} of {len(rows)}", _change_text(rows[:_FEW])))
    parts.append(_note_text((*comparison.notes, _sampling(comparison))))
    return "\n\n".join(parts)


def comparison_html(comparison: Comparison) -> str:
    """A comparison as a fragment of HTML, for notebooks: no script, nothing loaded."""
    return fragment(f'<div class="hk-head">{escaped(_verdict(comparison))}</div>{_comparison_body(comparison)}', _STYLE)


def comparison_page(comparison: Comparison) -> str:
    """A comparison as a self-contained HTML page."""
    body = f'<div class="hk-note">{escaped(_verdict(comparison))}</div>{_comparison_body(comparison)}'
    return page(f"Is {_one_line(comparison.b)} better than {_one_line(comparison.a)}?", body, _STYLE)


# Tables --------------------------------------------------------------------------------------------------------------


def _figure_table(report: Report) -> tuple[list[Column], Cells]:
    beside = [
        (f"base ({_one_line(report.base)})" if report.base else "base", [row.base for row in report.figures]),
        ("bag of words", [row.bag_of_words for row in report.figures]),
    ]
    shown = [(title, values) for title, values in beside if any(value is not None for value in values)]
    columns = [
        ("figure", False),
        (_one_line(report.model), True),
        ("95 % interval", True),
        *((title, True) for title, _ in shown),
        ("n", True),
    ]
    rows = [
        [row.figure, _number(row.value), _interval(row.low, row.high), *(_number(values[at]) for _, values in shown), f"{row.n:,}"]
        for at, row in enumerate(report.figures)
    ]
    return columns, rows


def _class_table(report: Report) -> tuple[list[Column], Cells]:
    columns = [("class", False), *((name, True) for name in ("precision", "recall", "F1", "95 % interval", "labelled", "found"))]
    return columns, [
        [
            _one_line(row.label),
            *map(_number, (row.precision, row.recall, row.f1)),
            _interval(row.low, row.high),
            f"{row.n:,}",
            f"{row.found:,}",
        ]
        for row in report.by_class
    ]


def _type_table(report: Report) -> tuple[list[Column], Cells]:
    scored = any(row.f1 is not None or row.n for row in report.by_type)
    biased = any(row.bias is not None for row in report.by_type)
    names = ["precision", "recall", "F1", "95 % interval", "labelled", "found"] if scored else []
    names += ["sentences", "mean error", *(["bias"] if biased else [])]
    rows = []
    for row in report.by_type:
        scores = [*map(_number, (row.precision, row.recall, row.f1)), _interval(row.low, row.high), f"{row.n:,}", f"{row.found:,}"]
        wrong = [f"{row.sentences:,}", _number(row.error), *(["--" if row.bias is None else f"{row.bias:+.3f}"] if biased else [])]
        rows.append([row.type, *(scores if scored else []), *wrong])
    return [("type", False), *((name, True) for name in names)], rows


def _group_table(report: Report, limit: int) -> tuple[list[Column], Cells]:
    columns = [("group", False), (report.headline, True), ("mean error", True), ("sentences", True)]
    return columns, [[_shortened(row.group, 50), _number(row.value), _number(row.error), f"{row.n:,}"] for row in report.by_group[:limit]]


def _difference_table(comparison: Comparison) -> tuple[list[Column], Cells]:
    a, b = _names(comparison)
    names = (a, b, "difference", "95 % interval", "B better in")
    columns = [("figure", False), *((name, True) for name in names), ("B is", False)]
    return columns, [_difference_cells(row) for row in comparison.figures]


def _difference_cells(row: DifferenceRow) -> list[str]:
    difference = "--" if row.difference is None else f"{row.difference:+.3f}"
    share = "--" if row.share_better is None else f"{row.share_better * 100:.0f} %"
    interval = "--" if row.low is None or row.high is None else f"{row.low:+.3f} to {row.high:+.3f}"
    return [row.figure, _number(row.a), _number(row.b), difference, interval, share, row.verdict]


# Words ---------------------------------------------------------------------------------------------------------------


def _headline(report: Report) -> str:
    row = report.main
    beside = [
        f"{name} {_number(value)}"
        for name, value in ((_one_line(report.base or ""), row.base), ("bag of words", row.bag_of_words))
        if value is not None
    ]
    of_groups = "" if report.n_groups == report.n else f" of {_counted(report.n_groups, 'group')}"
    words = f"{_one_line(report.model)} on {_counted(report.n, 'sentence')}{of_groups}: {row.figure} {_number(row.value)}"
    interval = "" if row.low is None else f" ({_interval(row.low, row.high)})"
    return f"{words}{interval}{'; ' + ', '.join(beside) if beside else ''}"


def _verdict(comparison: Comparison) -> str:
    row = comparison.main
    a, b = _names(comparison)
    what = f"{row.figure} {_number(row.a)} against {_number(row.b)}" + ("" if row.rising else ", where less is better")
    verdicts = {BETTER: f"{b} is better than {a}", WORSE: f"{b} is worse than {a}"}
    told = verdicts.get(row.verdict, f"{a} and {b}: no difference beyond noise")
    return f"{told} on {_counted(comparison.n, 'sentence')}: {what}"


def _names(comparison: Comparison) -> tuple[str, str]:
    return f"A ({_one_line(comparison.a)})", f"B ({_one_line(comparison.b)})"


def _changes(comparison: Comparison) -> Iterator[tuple[str, tuple[ChangeRow, ...]]]:
    for title, rows in (("Gained: B is right or nearer", comparison.gained), ("Lost: A is right or nearer", comparison.lost)):
        if rows:
            yield title, rows


def _sampling(result: Report | Comparison) -> str:
    drawn = f"{result.n_samples:,} bootstrap samples of {_counted(result.n_groups, 'group')}"
    return f"intervals: {result.level * 100:g} % of {drawn}, drawn whole"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _number(value: float | None) -> str:
    return "--" if value is None else f"{value:.3f}"


def _interval(low: float | None, high: float | None) -> str:
    return "--" if low is None or high is None else f"{low:.3f} to {high:.3f}"


def _answer(value: float | str | None) -> str:
    return "none" if value is None else value if isinstance(value, str) else f"{value:.2f}"


def _one_line(text: str) -> str:
    return visible(text).strip()


def _shortened(text: str, width: int) -> str:
    shown = _one_line(text)
    return shown if len(shown) <= width else shown[: width - 1].rstrip() + "…"


# Text ----------------------------------------------------------------------------------------------------------------


def _aligned(columns: Sequence[Column], rows: Cells) -> str:
    table = [[title for title, _ in columns], *rows]
    widths = [max(len(row[at]) for row in table) for at in range(len(columns))]
    lines = (
        "  ".join(cell.rjust(width) if right else cell.ljust(width) for cell, width, (_, right) in zip(row, widths, columns, strict=True))
        for row in table
    )
    return "\n".join(line.rstrip() for line in lines)


def _titled(title: str, body: str) -> str:
    return f"{title}\n{textwrap.indent(body, '  ')}"


def _error_text(errors: Iterable[ErrorRow]) -> str:
    blocks = []
    for row in errors:
        base = "" if row.base is None else f", base {_answer(row.base)}"
        cues = f"; cues: {row.cues}" if row.cues else ""
        blocks.append(_block(row, f"labelled {_answer(row.labelled)}, found {_answer(row.found)}{base}{cues}"))
    return "\n".join(blocks)


def _change_text(rows: Iterable[ChangeRow]) -> str:
    return "\n".join(_block(row, f"labelled {_answer(row.labelled)}, A {_answer(row.a)}, B {_answer(row.b)}") for row in rows)


def _block(row: ErrorRow | ChangeRow, answers: str) -> str:
    """A sentence with its place, and below it what was said of it."""
    text, below = _one_line(f"{row.place}: {row.text}"), _one_line(answers)
    head = textwrap.fill(text, _WIDTH, subsequent_indent="  ", max_lines=_LINES, placeholder=" …", break_on_hyphens=False)
    tail = textwrap.fill(below, _WIDTH, initial_indent="    ", subsequent_indent="    ", max_lines=_LINES, placeholder=" …")
    return f"{head}\n{tail}"


def _note_text(notes: Iterable[str]) -> str:
    return "\n".join(textwrap.fill(_one_line(note), _WIDTH, initial_indent="- ", subsequent_indent="  ") for note in notes)


# HTML ----------------------------------------------------------------------------------------------------------------


def _report_body(report: Report) -> str:
    marked = [row.figure == report.headline for row in report.figures]
    columns, rows = _figure_table(report)
    ranges = ["" if row.low is None else _range(row) for row in report.figures]
    parts = [
        _html_table(
            [*columns, ("0 to 1", False)],
            [[*map(escaped, row), drawn] for row, drawn in zip(rows, ranges, strict=True)],
            lambda at: "hk-main" if marked[at] else "",
        )
    ]
    for title, table in (
        ("By class", _class_table(report) if report.by_class else None),
        ("By type of cue", _type_table(report) if report.by_type else None),
        (f"By group, by {report.headline}, the worst first", _group_table(report, _MANY) if report.by_group else None),
    ):
        if table is not None:
            parts.append(_part(title, _html_table(table[0], [[*map(escaped, row)] for row in table[1]])))
    if report.errors:
        shown = report.errors[:_MANY]
        rows = [
            [
                escaped(_one_line(row.place)),
                f'<div class="hk-t" dir="auto">{escaped(row.text)}</div>',
                *(escaped(_one_line(_answer(value))) for value in (row.labelled, row.found, row.base)),
                escaped(_one_line(row.cues)),
            ]
            for row in shown
        ]
        columns = [(name, False) for name in ("place", "sentence", "labelled", "found", "base", "cues found")]
        parts.append(_part(f"Errors worth reading, {len(shown)} of {len(report.errors)}", _html_table(columns, rows)))
    return "".join(parts) + _html_notes((*report.notes, _sampling(report)))


def _comparison_body(comparison: Comparison) -> str:
    columns, rows = _difference_table(comparison)
    looks = {BETTER: "hk-better", WORSE: "hk-worse"}
    cells = [
        [
            *map(escaped, row[:-1]),
            f'<span class="{looks.get(row[-1], "")}">{escaped(row[-1])}</span>' if row[-1] in looks else escaped(row[-1]),
        ]
        for row in rows
    ]
    marked = [row.figure == comparison.headline for row in comparison.figures]
    parts = [_html_table(columns, cells, lambda at: "hk-main" if marked[at] else "")]
    for title, changes in _changes(comparison):
        cells = [
            [
                escaped(_one_line(row.place)),
                f'<div class="hk-t" dir="auto">{escaped(row.text)}</div>',
                *(escaped(_one_line(_answer(value))) for value in (row.labelled, row.a, row.b)),
            ]
            for row in changes
        ]
        columns = [(name, False) for name in ("place", "sentence", "labelled", "A", "B")]
        parts.append(_part(title, _html_table(columns, cells)))
    return "".join(parts) + _html_notes((*comparison.notes, _sampling(comparison)))


def _part(title: str, body: str) -> str:
    return f'<div class="hk-part">{escaped(title)}</div>{body}'


def _html_table(columns: Sequence[Column], rows: Cells, look: Callable[[int], str] = lambda at: "") -> str:
    """A table of cells that are HTML already."""
    places = [' class="hk-n"' if right else "" for _, right in columns]
    head = "".join(f"<th{place}>{escaped(title)}</th>" for (title, _), place in zip(columns, places, strict=True))
    body = "".join(
        f'<tr class="{look(at)}">' + "".join(f"<td{place}>{cell}</td>" for cell, place in zip(row, places, strict=True)) + "</tr>\n"
        for at, row in enumerate(rows)
    )
    return f'<div class="hk-wide"><table class="hk-table"><tr>{head}</tr>\n{body}</table></div>\n'


def _html_notes(notes: Iterable[str]) -> str:
    items = "".join(f"<li>{escaped(_one_line(note))}</li>" for note in notes)
    return f'<ul class="hk-notes">{items}</ul>'


def _range(row: FigureRow) -> str:
    """A picture of the interval from 0 to 1: a dot for the model, a bar for the base, a ring for the bag of words."""
    values = [value for value in (row.value, row.low, row.high, row.base, row.bag_of_words) if value is not None]
    if row.value is None or row.low is None or row.high is None or min(values) < 0 or max(values) > 1:
        return ""
    low, high, value = (4 + 112 * number for number in (row.low, row.high, row.value))
    base = "" if row.base is None else f'<path d="M{4 + 112 * row.base:.1f} 2v12" stroke="var(--hk-whence)" stroke-width="2"/>'
    rival = (
        ""
        if row.bag_of_words is None
        else f'<circle cx="{4 + 112 * row.bag_of_words:.1f}" cy="8" r="3" fill="none" stroke="var(--hk-faint)" stroke-width="1.2"/>'
    )
    shown = "the interval as a line, the model as a dot, its base as a bar, the bag of words as a ring"
    return (
        f'<svg class="hk-range" viewBox="0 0 120 16" role="img" aria-label="{shown}"><title>{shown}</title>'
        '<path d="M4 8h112" stroke="var(--hk-line)" stroke-width=".6" opacity=".5"/>'
        f'<path d="M{low:.1f} 8H{high:.1f}" stroke="var(--hk-sure)" stroke-width="2"/>{base}{rival}'
        f'<circle cx="{value:.1f}" cy="8" r="3.2" fill="var(--hk-sure)"/></svg>'
    )
