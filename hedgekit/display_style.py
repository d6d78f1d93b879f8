"""How results look: the style sheet that goes with every piece of HTML, made of a few tables of colours and forms.

Nothing is loaded and nothing runs. What is not the text itself, such as figures, abbreviations and brackets, is content
that the style sheet generates: it cannot be selected, so what is copied is the text.
"""

from __future__ import annotations

from collections.abc import Sequence

from hedgekit.labels import CUE_TYPES, AttributionKind, CueType, Level

_Colour = tuple[int, int, int]

# Shades of certainty from 0 to 1, after cividis: blue to yellow, with lightness rising all the way, so that they keep
# their order for every kind of colour vision and in grey. Every colour of text has 4.5:1 on each of them.
_LIGHT_SHADES = ((172, 194, 238), (206, 210, 211), (255, 229, 120))
_DARK_SHADES = ((18, 38, 100), (48, 51, 60), (90, 76, 4))
STEPS = 10

_LIGHT = {"ink": "#16181d", "paper": "#fff", "faint": "#454a53", "line": "#82878f", "sure": "#0a3fa8", "whence": "#8a2c00"}
_DARK = {"ink": "#f1f2f4", "paper": "#15171a", "faint": "#c6cbd3", "line": "#8f959f", "sure": "#a6d0ff", "whence": "#ffbe8a"}

# Five forms of underline in two colours give ten types a look each: one colour for how sure the claim is, one for
# where it comes from. The abbreviation tells them apart where neither can be seen.
LOOKS: dict[CueType, tuple[str, str, str]] = {
    CueType.MODAL: ("solid", "sure", "mod"),
    CueType.EPISTEMIC: ("wavy", "sure", "epi"),
    CueType.CONDITIONAL: ("dashed", "sure", "cond"),
    CueType.APPROXIMATOR: ("dotted", "sure", "appr"),
    CueType.BOOSTER: ("double", "sure", "boost"),
    CueType.REPORTATIVE: ("solid", "whence", "rep"),
    CueType.WEASEL: ("wavy", "whence", "weas"),
    CueType.INFERENTIAL: ("dashed", "whence", "inf"),
    CueType.INVESTIGATIVE: ("dotted", "whence", "inv"),
    CueType.DOXASTIC: ("double", "whence", "dox"),
}
KIND_LOOKS: dict[AttributionKind, str] = {
    AttributionKind.NAMED: "solid",
    AttributionKind.UNNAMED: "dashed",
    AttributionKind.DOCUMENT: "double",
    AttributionKind.HEARSAY: "dotted",
    AttributionKind.SELF: "dotted",
}
LEVEL_SHADES: tuple[tuple[Level, str, int], ...] = (
    (Level.UNCERTAIN, "&lt; 0.30", 1),
    (Level.LOW, "≥ 0.30", 4),
    (Level.MODERATE, "≥ 0.50", 6),
    (Level.HIGH, "≥ 0.75", 8),
    (Level.ABSOLUTE, "≥ 0.90", 10),
)
# So many cues of a sentence light up their own brackets.
KEYS = 9

# Themes of notebooks and of documentation, which need not be what the browser prefers.
_LIGHT_THEMES = '[data-jp-theme-light="true"],.vscode-light,.vscode-high-contrast-light,html[theme="light"],[data-theme="light"]'
_DARK_THEMES = (
    '[data-jp-theme-light="false"],.vscode-dark,.vscode-high-contrast:not(.vscode-high-contrast-light),'
    'html[theme="dark"],[data-theme="dark"]'
)

_LAYOUT = """
.hedgekit{color:var(--hk-ink);background:var(--hk-paper);font:1rem/1.85 system-ui,sans-serif;text-align:left;padding:.9em 1.1em;\
border-radius:6px;color-scheme:inherit;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.hedgekit .hk-text{white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:plaintext;max-width:46em;tab-size:4}
.hedgekit .hk-s{padding:.14em .18em;border-radius:3px;unicode-bidi:plaintext;-webkit-box-decoration-break:clone;box-decoration-break:clone}
.hedgekit .hk-s::after,.hedgekit i::before{font:400 .64em/1 system-ui,sans-serif;unicode-bidi:isolate;direction:ltr;white-space:nowrap;\
font-variant-numeric:tabular-nums}
.hedgekit .hk-s[data-c]::after{content:attr(data-c);vertical-align:.42em;margin-left:.35em;color:var(--hk-ink)}
.hedgekit u{text-decoration:underline 2px;text-underline-offset:.22em;text-decoration-skip-ink:none;cursor:help;border-radius:2px}
.hedgekit u:hover{outline-style:solid;outline-width:2px}
.hedgekit i{font-style:normal}
.hedgekit .hk-t::before{vertical-align:-.3em;margin-left:.12em}
.hedgekit .hk-o::before,.hedgekit .hk-e::before{font-size:.82em;vertical-align:.04em}
.hedgekit .hk-o::before{content:"[";content:"[" / ""}
.hedgekit .hk-e::before{content:"]";content:"]" / ""}
.hedgekit .hk-own::before{content:attr(data-w);vertical-align:.42em;margin-left:.4em;padding:.1em .45em;border:1px solid var(--hk-ink);\
border-radius:.75em;background:var(--hk-paper);color:var(--hk-ink);display:inline-block;max-width:90%;white-space:normal;\
overflow-wrap:anywhere}
.hedgekit .hk-aspect::before{border-style:dashed;border-color:var(--hk-line);border-radius:2px}
.hedgekit .hk-legend .hk-own::before{vertical-align:.1em;margin-left:0;font-size:.8em}
.hedgekit b.hk-src{font-weight:inherit;border-radius:4px;border:1px solid var(--hk-ink);padding:0 .14em;cursor:help;\
-webkit-box-decoration-break:clone;box-decoration-break:clone}
.hedgekit .hk-legend,.hedgekit .hk-note,.hedgekit .hk-along{color:var(--hk-faint);font-size:.8em;line-height:1.6}
.hedgekit .hk-note{margin:.1em 0}
.hedgekit .hk-legend,.hedgekit .hk-along,.hedgekit .hk-sum{-webkit-user-select:none;user-select:none}
.hedgekit .hk-legend{margin-top:1em}
.hedgekit .hk-legend>div{display:grid;grid-template-columns:7.4em 1fr;align-items:baseline;margin:.2em 0}
.hedgekit .hk-legend>div>div{display:flex;flex-wrap:wrap;gap:.3em 1em;align-items:baseline}
.hedgekit .hk-legend span{color:var(--hk-ink)}
.hedgekit .hk-legend label{cursor:pointer;white-space:nowrap}
.hedgekit .hk-legend input{margin:0 .35em 0 0;vertical-align:-.1em;accent-color:var(--hk-sure)}
.hedgekit .hk-along{display:grid;grid-template-columns:auto 1fr;gap:0 .5em;max-width:57.5em;margin:.3em 0 .9em}
.hedgekit .hk-along div{display:flex;flex-direction:column;justify-content:space-between;font-size:.85em;line-height:1;text-align:right}
.hedgekit .hk-along svg{display:block;max-width:100%;height:3em;overflow:visible}
.hedgekit .hk-along path{stroke:var(--hk-line);stroke-width:1px;vector-effect:non-scaling-stroke}
.hedgekit .hk-along .hk-none{fill:none;stroke-dasharray:2 2}
.hedgekit .hk-along path:hover{stroke:var(--hk-ink);stroke-width:2.5px}
.hedgekit .hk-wide{overflow-x:auto}
.hedgekit table.hk-sources{border-collapse:collapse;font-size:.88em;line-height:1.5;margin:.2em 0 .4em;color:inherit}
.hedgekit .hk-sources td,.hedgekit .hk-sources th{text-align:left;padding:.28em 1.5em .28em 0;vertical-align:top;overflow-wrap:break-word;\
border:0;border-bottom:1px solid color-mix(in srgb,var(--hk-line) 40%,transparent);background:var(--hk-paper);color:var(--hk-ink)}
.hedgekit .hk-sources td:first-child{max-width:26em}
.hedgekit .hk-sources b{white-space:nowrap}
.hedgekit .hk-sources th{font-weight:400;color:var(--hk-faint);vertical-align:bottom}
.hedgekit .hk-sources .hk-n{text-align:right;font-variant-numeric:tabular-nums}
@media print{.hedgekit .hk-legend input{display:none}.hedgekit tr{break-inside:avoid}}
@media (forced-colors:active){.hedgekit .hk-s[data-c]::after{border:1px solid}}
"""
_PAGE_LAYOUT = """
body{margin:0;background:#fff}
@media screen and (prefers-color-scheme:dark){body{background:#15171a}}
main.hedgekit{max-width:46em;margin:0 auto;padding:2.2em 1.2em 3em;border-radius:0}
main h1{font-size:1.35em;margin:0 0 .2em;line-height:1.3}
main h2{font-size:1.05em;margin:2em 0 .4em}
main .hk-legend{margin:.6em 0 1.6em;padding-bottom:1em;border-bottom:1px solid var(--hk-line)}
main .hk-along{position:sticky;top:0;z-index:1;background:var(--hk-paper);padding:.5em 0;margin:.5em 0;max-width:none}
main .hk-text{font-size:1.08em;line-height:2}
main .hk-s{scroll-margin-top:6em}
main .hk-s:target{outline:3px solid var(--hk-sure);outline-offset:1px}
main .hk-along a:focus-visible path{stroke:var(--hk-ink);stroke-width:3px}
@media (max-width:32em){main.hedgekit{padding:1.2em .8em 2em}
.hedgekit .hk-sources td,.hedgekit .hk-sources th{padding-right:.6em}.hedgekit table.hk-sources{font-size:.78em}
.hedgekit .hk-legend>div{grid-template-columns:1fr}}
@media print{main.hedgekit{max-width:none;padding:0}main .hk-along{position:static}main .hk-text{orphans:3;widows:3}
main h2{break-after:avoid}}
"""


def _mixed(shades: Sequence[_Colour], part: float) -> str:
    """A colour between three, at 0 the first and at 1 the last."""
    low, high = (shades[0], shades[1]) if part <= 0.5 else (shades[1], shades[2])
    weight = part * 2 if part <= 0.5 else part * 2 - 1
    return "#" + "".join(f"{round(a + (b - a) * weight):02x}" for a, b in zip(low, high, strict=True))


def _variables(named: dict[str, str], shades: Sequence[_Colour]) -> str:
    named = named | {f"c{step}": _mixed(shades, step / STEPS) for step in range(STEPS + 1)}
    return "".join(f"--hk-{name}:{value};" for name, value in named.items())


def _type_rules(name: CueType) -> str:
    """The underline of a type, and its abbreviation, which is read out in full."""
    form, colour, short = LOOKS[name]
    here, ink = f".hedgekit .hk-{name}", f"var(--hk-{colour})"
    return (
        f"{here}{{text-decoration-style:{form};text-decoration-color:{ink};outline-color:{ink}}}"
        f'.hedgekit i.hk-{name}{{color:{ink}}}.hedgekit .hk-t.hk-{name}::before{{content:"{short}";content:"{short}" / " ({name})"}}'
    )


def _switched(name: str, what: str, how: str) -> str:
    return f".hedgekit:has(.hk-w-{name}:not(:checked)) {what}{{{how}}}"


def _style() -> str:
    light, dark = _variables(_LIGHT, _LIGHT_SHADES), _variables(_DARK, _DARK_SHADES)
    rules = [
        f".hedgekit{{{light}}}",
        # On paper the light colours stay.
        f"@media screen and (prefers-color-scheme:dark){{.hedgekit{{{dark}}}}}",
        f":is({_LIGHT_THEMES}) .hedgekit{{{light}}}",
        f"@media screen{{:is({_DARK_THEMES}) .hedgekit{{{dark}}}}}",
        *(f".hedgekit .hk-c{step}{{background:var(--hk-c{step});fill:var(--hk-c{step})}}" for step in range(STEPS + 1)),
        *map(_type_rules, CUE_TYPES),
        *(f".hedgekit b.hk-k-{kind}{{border-style:{form}}}" for kind, form in KIND_LOOKS.items()),
        ".hedgekit b.hk-k-document{border-width:3px}",
        *(f".hedgekit .hk-s:has(u.hk-k{key}:hover) .hk-k{key}::before{{outline:2px solid;border-radius:1px}}" for key in range(KEYS)),
        # What the reader has switched off in the legend; no script is needed for that.
        _switched("certainty", ".hk-text .hk-s::after", "content:none"),
        _switched("certainty", ".hk-text .hk-s", "background:none"),
        _switched("cues", ".hk-text .hk-t::before", "content:none"),
        _switched("cues", ".hk-text u", "text-decoration:none"),
        _switched("scopes", ".hk-text :is(.hk-o,.hk-e)::before", "content:none"),
        _switched("classes", ".hk-text .hk-class::before", "content:none"),
        _switched("aspects", ".hk-text .hk-aspect::before", "content:none"),
        _switched("sources", ".hk-text b.hk-src", "border-color:transparent"),
    ]
    return _LAYOUT + "\n".join(rules) + "\n"


STYLE = _style()
PAGE_STYLE = STYLE + _PAGE_LAYOUT
