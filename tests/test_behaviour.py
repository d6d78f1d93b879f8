"""Which of two sentences sounds surer, which words are cues, and which are none, by the annotation guide.

The sentences are the project's own, and none of them stands in the seeds. Pairs change the wording and keep the matter.
"""

from __future__ import annotations

import pytest

from hedgekit.model import CertaintyModel

# The surer sentence, the less sure one, and what they differ in.
PAIRS = [
    ("The wall is probably safe.", "The wall might possibly be safe.", "probably above possibly"),
    ("The strike is likely to spread.", "The strike could possibly spread.", "likely above possibly"),
    ("The strike is highly likely to spread.", "The strike may spread.", "highly likely above may"),
    ("The strike is very likely to spread.", "The strike might spread.", "very likely above might"),
    ("The tunnel was closed on Friday.", "The tunnel was closed on Friday, the operator said.", "plain above reported"),
    (
        "The tunnel was closed on Friday, the operator said.",
        "The tunnel was reportedly closed on Friday.",
        "named source above hearsay",
    ),
    ("The tunnel was closed on Friday.", "The tunnel was reportedly closed on Friday.", "plain above hearsay"),
    ("The tunnel was closed on Friday.", "According to rumours, the tunnel was closed on Friday.", "plain above rumour"),
    (
        "The tunnel was closed on Friday, the operator said.",
        "It is rumoured that the tunnel was closed on Friday.",
        "reported above rumoured",
    ),
    ("The tunnel was closed on Friday.", "The tunnel was allegedly closed on Friday.", "plain above allegedly"),
    ("The tunnel was closed on Friday.", "The tunnel may have been closed on Friday.", "plain above may have"),
    ("The tunnel was probably closed on Friday.", "The tunnel may have been closed on Friday.", "probably above may have"),
    (
        "The tunnel was probably closed on Friday.",
        "It is unclear whether the tunnel was closed on Friday.",
        "probably above unclear whether",
    ),
    (
        "The tunnel may have been closed on Friday.",
        "It is unclear whether the tunnel was closed on Friday.",
        "may above unclear whether",
    ),
    ("The tunnel was closed on Friday.", "I think the tunnel was closed on Friday.", "plain above I think"),
    (
        "I think the tunnel was closed on Friday.",
        "I do not know whether the tunnel was closed on Friday.",
        "I think above I do not know",
    ),
    ("There is no doubt that the tunnel was closed.", "The tunnel may have been closed.", "no doubt above may"),
    ("The tunnel was definitely closed.", "The tunnel was probably closed.", "definitely above probably"),
    ("The tunnel was certainly closed.", "The tunnel was perhaps closed.", "certainly above perhaps"),
    ("The guards clearly knew of the plan.", "The guards apparently knew of the plan.", "clearly above apparently"),
    ("The guards knew of the plan.", "The guards apparently knew of the plan.", "plain above apparently"),
    ("The guards knew of the plan.", "The guards seem to have known of the plan.", "plain above seem"),
    ("The guards knew of the plan.", "Maybe the guards knew of the plan.", "plain above maybe"),
    ("The guards knew of the plan.", "Some believe the guards could have known of the plan.", "plain above stacked hedges"),
    (
        "The guards knew of the plan, the inspector said.",
        "Some believe the guards could have known of the plan.",
        "reported above stacked hedges",
    ),
    ("The guards may have known of the plan.", "The guards may possibly have known of the plan.", "may above may possibly"),
    ("The study shows that the drug lowers fever.", "The study suggests that the drug may lower fever.", "shows above suggests may"),
    ("The drug lowers fever.", "The results suggest that the drug lowers fever.", "plain above suggest"),
    ("The results suggest that the drug lowers fever.", "It remains unknown whether the drug lowers fever.", "suggest above unknown"),
    ("The drug lowers fever.", "The drug might lower fever.", "plain above might"),
    ("The drug lowers fever.", "We hypothesize that the drug lowers fever.", "plain above hypothesize"),
    ("The council approved the budget.", "The council is expected to approve the budget.", "plain above expected"),
    ("The council is expected to approve the budget.", "The council might approve the budget.", "expected above might"),
    ("The council plans to approve the budget.", "The council may approve the budget.", "plans above may"),
    ("The council approved the budget.", "If the mayor agreed, the council would approve the budget.", "plain above counterfactual"),
    ("The council approved the budget.", "The council has not decided whether to approve the budget.", "plain above not decided"),
    ("The council will approve the budget.", "The council could approve the budget.", "will above could"),
    (
        "The council approved the budget, Mayor Idris Holm said.",
        "The council will probably approve the budget, Mayor Idris Holm said.",
        "said above said probably",
    ),
    (
        "The council approved the budget, Mayor Idris Holm said.",
        "The council may approve the budget, Mayor Idris Holm said.",
        "said above said may",
    ),
    (
        "The fire started in the kitchen, the fire chief said.",
        "The fire may have started in the kitchen, the fire chief said.",
        "said above may, said",
    ),
    (
        "Police confirmed that the fire started in the kitchen.",
        "Police are investigating whether the fire started in the kitchen.",
        "confirmed above investigating",
    ),
    (
        "The fire started in the kitchen.",
        "The cause of the fire is unclear, but it may have started in the kitchen.",
        "plain above unclear",
    ),
    ("The fire started in the kitchen.", "Sources claim the fire started in the kitchen.", "plain above sources claim"),
    (
        "The fire started in the kitchen, the fire chief said.",
        "Some sources claim the fire started in the kitchen.",
        "named above some sources claim",
    ),
    ("It is almost certain that the ice will melt.", "It is possible that the ice will melt.", "almost certain above possible"),
    ("It is probable that the ice will melt.", "It is conceivable that the ice will melt.", "probable above conceivable"),
    ("The ice melted.", "It is doubtful that the ice melted.", "plain above doubtful"),
    ("The ice has melted.", "Perhaps the ice has melted.", "plain above perhaps"),
    ("The ice has melted, experts say.", "Perhaps the ice has melted.", "experts say above perhaps"),
    ("Her brother sold the house.", "Her brother supposedly sold the house.", "plain above supposedly"),
    ("Her brother sold the house.", "I guess her brother sold the house.", "plain above I guess"),
    ("Her brother sold the house.", "I'm not sure her brother sold the house.", "plain above not sure"),
    ("I am sure her brother sold the house.", "I am not sure her brother sold the house.", "sure above not sure"),
    ("Her brother has probably sold the house.", "Her brother might perhaps have sold the house.", "probably above might perhaps"),
]

# A sentence, a cue in it, and its type.
FIRES = [
    ("The bridge may collapse.", "may", "modal"),
    ("The bridge might collapse.", "might", "modal"),
    ("The bridge could collapse within a year.", "could", "modal"),
    ("The bridge will probably collapse.", "probably", "epistemic"),
    ("Perhaps the bridge will collapse.", "Perhaps", "epistemic"),
    ("The bridge is likely to collapse.", "likely", "epistemic"),
    ("The bridge reportedly collapsed.", "reportedly", "reportative"),
    ("The bridge allegedly collapsed.", "allegedly", "reportative"),
    ("According to the builder, the bridge collapsed.", "According to", "reportative"),
    ("The builder said the bridge had collapsed.", "said", "reportative"),
    ("The bridge appears to be safe.", "appears", "inferential"),
    ("The bridge is apparently safe.", "apparently", "inferential"),
    ("The cracks suggest that the bridge is unsafe.", "suggest", "inferential"),
    ("I think the bridge is safe.", "think", "doxastic"),
    ("Engineers expect the bridge to reopen.", "expect", "doxastic"),
    ("The bridge will reopen if the money arrives.", "if", "conditional"),
    ("The bridge will stay closed unless the money arrives.", "unless", "conditional"),
    ("It is unclear when the bridge will reopen.", "unclear", "investigative"),
    ("The inspectors asked whether the bridge was safe.", "whether", "investigative"),
    ("The bridge is definitely safe.", "definitely", "booster"),
    ("The bridge is certainly safe.", "certainly", "booster"),
    ("The bridge is about 90 metres long.", "about", "approximator"),
    ("The bridge cost roughly two million.", "roughly", "approximator"),
    ("Some experts doubt that the bridge is safe.", "Some experts", "weasel"),
]

# Nothing here is a cue, and nothing is hedged.
QUIET = [
    "The concert takes place on May 5.",
    "Theresa May left the hall by the side door.",
    "In May the river flooded the lower town.",
    "Her son can swim two lengths.",
    "The library can seat ninety readers.",
    "The army used all its might to hold the pass.",
    "She wrote a book about the war.",
    "They are in the market for a used van.",
    "The train arrived at nine.",
    "The cat slept on the stove.",
    "Two ships left the harbour on Monday.",
    "The committee elected Rosa Lind as its chair.",
    "A certain Mr Vale rented the upper floor.",
    "The soup was cold.",
    "He painted the fence green.",
    "We moved to Leeds in 2011.",
]

HEDGED = [
    "The harvest may fail.",
    "The harvest will probably fail.",
    "It is unclear whether the harvest will fail.",
    "Some experts believe the harvest could fail.",
    "Perhaps the harvest will fail.",
    "The harvest might possibly fail.",
    "Reportedly, the harvest failed.",
    "The harvest appears to have failed.",
]

NOT_HEDGED = [
    "The harvest failed.",
    "The harvest failed, the ministry of agriculture said.",
    "The harvest certainly failed.",
    "About 300 farms lost their harvest.",
    "Farmers brought in the harvest in August.",
]

SILENT = ["Who brought in the harvest?", "When will the harvest begin?", "Good evening, everyone!"]


def test_there_are_enough_pairs() -> None:
    assert len({(surer, less) for surer, less, _ in PAIRS}) == len(PAIRS) >= 40


def test_the_seeds_hold_none_of_these(seed_texts: list[str]) -> None:
    texts = {text for surer, less, _ in PAIRS for text in (surer, less)} | {text for text, *_ in FIRES} | {*HEDGED, *NOT_HEDGED}
    assert texts.isdisjoint(seed_texts)


def test_probably_is_surer_than_possibly(model: CertaintyModel) -> None:
    high, low = model.score(["The wall will probably hold.", "The wall will possibly hold."])
    assert high > low


@pytest.mark.parametrize(("surer", "less", "difference"), PAIRS, ids=[difference for *_, difference in PAIRS])
def test_direction(surer: str, less: str, difference: str, model: CertaintyModel) -> None:
    high, low = model.score([surer, less])
    assert high > low, difference


@pytest.mark.parametrize(("text", "words", "kind"), FIRES, ids=[words for _, words, _ in FIRES])
def test_fires(text: str, words: str, kind: str, model: CertaintyModel) -> None:
    [sentence] = model.annotate([text])
    assert (words, kind) in [(cue.text, str(cue.type)) for cue in sentence.cues]


@pytest.mark.parametrize("text", QUIET)
def test_stays_quiet(text: str, model: CertaintyModel) -> None:
    [sentence] = model.annotate([text])
    assert sentence.cues == ()
    assert not sentence.hedged


@pytest.mark.parametrize("text", HEDGED)
def test_hedged(text: str, model: CertaintyModel) -> None:
    [sentence] = model.annotate([text])
    assert sentence.hedged


@pytest.mark.parametrize("text", NOT_HEDGED)
def test_not_hedged(text: str, model: CertaintyModel) -> None:
    [sentence] = model.annotate([text])
    assert not sentence.hedged


@pytest.mark.parametrize("text", SILENT)
def test_makes_no_claim(text: str, model: CertaintyModel) -> None:
    [sentence] = model.annotate([text])
    assert sentence.certainty is None


@pytest.mark.parametrize(
    ("text", "source", "cue", "kind"),
    [
        ("The harbour office said the ferry had sunk.", "The harbour office", "said", "named"),
        ("According to Ines Quell, the ferry sank.", "Ines Quell", "According to", "named"),
        ("The ferry reportedly sank.", None, "reportedly", "hearsay"),
        ("I think the ferry sank.", "I", "think", "self"),
    ],
)
def test_attribution(text: str, source: str | None, cue: str, kind: str, model: CertaintyModel) -> None:
    [sentence] = model.annotate([text])
    [found] = sentence.attributions
    assert (found.source and found.source.text, found.cue and found.cue.text, str(found.kind)) == (source, cue, kind)
