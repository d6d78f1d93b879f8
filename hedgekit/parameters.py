"""Everything a model has learned, as one value, and its form as named arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from hedgekit.aspects import N_SCORES, AspectModel
from hedgekit.attribution import KIND_BITS, AttributionModel
from hedgekit.batch import Batch
from hedgekit.bearing import ASPECTS, BEARING_BITS
from hedgekit.certainty import Calibration, CertaintyHeads, FeatureSpace
from hedgekit.classes import ClassModel
from hedgekit.company import COMPANY_BITS
from hedgekit.cues import EVERY_BITS, TAG_BITS, TYPE_BITS, CueDetector, Cues, TokenTable
from hedgekit.keys import KeyIndex
from hedgekit.labels import CUE_TYPES, KINDS
from hedgekit.lexicon import PhraseTable
from hedgekit.links import LINK_BITS
from hedgekit.scope import SCOPE_BITS, ScopeModel
from hedgekit.text.characters import CharacterTables
from hedgekit.text.sentences import Segmenter
from hedgekit.user_lexicon import UserLexicon
from hedgekit.vocabulary import Vocabulary
from hedgekit.windows import LinearTable

if TYPE_CHECKING:
    from hedgekit.assembly import RoleAttributionModel

# The version of the code that computes features. A model made for another version cannot be used with this one, so it
# must be raised by any change to tokens, windows, templates or sentence features, and old code kept beside the new.
FEATURES = 8

Arrays = dict[str, npt.NDArray[np.generic]]
_WORD_LISTS = ("titles", "numbered", "abbreviations", "starters")


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a model has learned: each stage with its own parameters."""

    tables: CharacterTables
    segmenter: Segmenter
    detector: CueDetector
    heads: CertaintyHeads
    attribution: AttributionModel | RoleAttributionModel
    scope: ScopeModel
    aspects: AspectModel | None = None
    classes: ClassModel | None = None

    def cues(self, batch: Batch, table: TokenTable) -> Cues:
        """The cues of a batch as the certainty hears them: with the faint ones where it is told how cues bear on the claim."""
        return self.detector.predict(batch, table, faint=self.heads.space.bearing is not None)

    def to_arrays(self) -> Arrays:
        """Named arrays without any Python object."""
        detector, heads = self.detector, self.heads
        return {
            **{f"characters.{name}": array for name, array in self.tables.to_arrays().items()},
            **{f"segmenter.{name}": _packed(sorted(getattr(self.segmenter, name))) for name in _WORD_LISTS},
            **_phrase_arrays("phrases", detector.phrases),
            "words.keys": detector.words.index.keys,
            "words.classes": detector.words.classes,
            "words.clusters": detector.words.clusters,
            "words.flags": detector.words.flags,
            **_linear_arrays("cues.tags", detector.tags),
            **_linear_arrays("cues.types", detector.types),
            **({} if detector.everywhere is None else _linear_arrays("cues.everywhere", detector.everywhere)),
            **({} if detector.company is None else _linear_arrays("cues.company", detector.company)),
            "cues.threshold": np.array([detector.threshold]),
            **_phrase_arrays("own", detector.own.phrases),
            "own.types_off": detector.own.types_off.astype(np.uint8),
            "features.keys": heads.space.index.keys,
            "features.names": _packed(heads.space.names),
            "features.whole": np.array([heads.space.whole], dtype=np.uint8),
            **({} if heads.space.bearing is None else _linear_arrays("features.bearing", heads.space.bearing)),
            "certainty.certainty": heads.certainty,
            "certainty.hedged": heads.hedged,
            "certainty.claim": heads.claim,
            "certainty.biases": heads.biases,
            "certainty.calibration_scores": heads.calibration.scores,
            "certainty.calibration_probabilities": heads.calibration.probabilities,
            "certainty.threshold": np.array([heads.threshold]),
            **_attribution_arrays(self.attribution),
            **_linear_arrays("scope.begins", self.scope.begins),
            **_linear_arrays("scope.ends", self.scope.ends),
            "scope.amounts": np.array([self.scope.amounts], dtype=np.uint8),
            **({} if self.aspects is None else _aspect_arrays(self.aspects)),
            **({} if self.classes is None else _class_arrays(self.classes)),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Parameters:
        """The inverse of :meth:`to_arrays`.

        Raises
        ------
        KeyError, ValueError
            If an array is missing or has not the shape that this version of the features wants.
        """
        single, u64, f64 = np.float32, np.uint64, np.float64
        detector = CueDetector(
            _phrases(arrays, "phrases"),
            Vocabulary(
                KeyIndex(arrays["words.keys"].astype(u64, copy=False)),
                arrays["words.classes"].astype(np.uint16, copy=False),
                arrays["words.clusters"].astype(np.uint16, copy=False),
                arrays["words.flags"].astype(np.uint16, copy=False),
            ),
            _linear(arrays, "cues.tags", 3, 1 << TAG_BITS),
            _linear(arrays, "cues.types", len(CUE_TYPES), 1 << TYPE_BITS),
            float(arrays["cues.threshold"].astype(f64)[0]),
            UserLexicon(_phrases(arrays, "own"), _shaped(arrays, "own.types_off", (len(CUE_TYPES),)).astype(np.bool_)),
            _linear(arrays, "cues.everywhere", 1, 1 << EVERY_BITS) if "cues.everywhere.weights" in arrays else None,
            _linear(arrays, "cues.company", 3, 1 << COMPANY_BITS) if "cues.company.weights" in arrays else None,
        )
        n = arrays["features.keys"].size
        heads = CertaintyHeads(
            FeatureSpace(
                KeyIndex(arrays["features.keys"].astype(u64, copy=False)),
                tuple(_unpacked(arrays["features.names"])),
                bool(arrays["features.whole"][0]),
                _linear(arrays, "features.bearing", len(ASPECTS), 1 << BEARING_BITS) if "features.bearing.weights" in arrays else None,
            ),
            _shaped(arrays, "certainty.certainty", (n,)).astype(single),
            _shaped(arrays, "certainty.hedged", (n,)).astype(single),
            _shaped(arrays, "certainty.claim", (n,)).astype(single),
            _shaped(arrays, "certainty.biases", (3,)).astype(f64),
            Calibration(
                arrays["certainty.calibration_scores"].astype(f64),
                arrays["certainty.calibration_probabilities"].astype(f64),
            ),
            float(arrays["certainty.threshold"].astype(f64)[0]),
        )
        tables = CharacterTables.from_arrays(
            {name.removeprefix("characters."): array for name, array in arrays.items() if name.startswith("characters.")}
        )
        segmenter = Segmenter(*(frozenset(_unpacked(arrays[f"segmenter.{name}"])) for name in _WORD_LISTS))
        scope = ScopeModel(
            _linear(arrays, "scope.begins", 2, 1 << SCOPE_BITS),
            _linear(arrays, "scope.ends", 2, 1 << SCOPE_BITS),
            bool(arrays["scope.amounts"][0]),
        )
        return cls(tables, segmenter, detector, heads, _attribution(arrays), scope, _aspects(arrays, n), _classes(arrays, n))


def _attribution_arrays(model: AttributionModel | RoleAttributionModel) -> Arrays:
    own = (
        {"ascribes": model.ascribes}
        if isinstance(model, AttributionModel)
        else {"speech": model.roles.speech.weights, "roles_first": model.roles.first, "roles_second": model.roles.second}
    )
    tables = {**own, "links": model.links, "kind": model.kind}
    return {name: array for part, table in tables.items() for name, array in _linear_arrays(f"attribution.{part}", table).items()}


def _attribution(arrays: Arrays) -> AttributionModel | RoleAttributionModel:
    """The kind of model that the arrays hold: one with taggers of roles, or one that stands on the cues."""
    links = _linear(arrays, "attribution.links", 2, 1 << LINK_BITS)
    kind = _linear(arrays, "attribution.kind", len(KINDS), 1 << KIND_BITS)
    if "attribution.roles_first.weights" not in arrays:
        return AttributionModel(_linear(arrays, "attribution.ascribes", 2, 1 << TYPE_BITS), links, kind)
    # Few models have them, and their import takes time at every start.
    from hedgekit.assembly import RoleAttributionModel
    from hedgekit.roles import FIRST_BITS, ROLES, SECOND_BITS, RoleTagger
    from hedgekit.speech import PARTS_OF_SPEECH, SPEECH_BITS, SpeechTagger

    speech = SpeechTagger(_linear(arrays, "attribution.speech", len(PARTS_OF_SPEECH), 1 << SPEECH_BITS))
    first = _linear(arrays, "attribution.roles_first", len(ROLES), 1 << FIRST_BITS)
    second = _linear(arrays, "attribution.roles_second", len(ROLES), 1 << SECOND_BITS)
    return RoleAttributionModel(RoleTagger(speech, first, second), links, kind)


def _aspect_arrays(model: AspectModel) -> Arrays:
    return {"aspects.weights": model.weights.astype(np.float16), "aspects.bias": model.bias}


def _aspects(arrays: Arrays, n_features: int) -> AspectModel | None:
    if "aspects.weights" not in arrays:
        return None
    weights = _shaped(arrays, "aspects.weights", (n_features, N_SCORES)).astype(np.float32)
    return AspectModel(weights, _shaped(arrays, "aspects.bias", (N_SCORES,)).astype(np.float64))


def _class_arrays(model: ClassModel) -> Arrays:
    return {
        "classes.names": _packed(model.names),
        "classes.weights": model.weights,
        "classes.bias": model.bias,
        "classes.hedged": np.array([model.hedged], dtype=np.int32),
    }


def _classes(arrays: Arrays, n_features: int) -> ClassModel | None:
    if "classes.names" not in arrays:
        return None
    names = tuple(_unpacked(arrays["classes.names"]))
    hedged = int(arrays["classes.hedged"].astype(np.int64)[0])
    if len(names) < 2 or not -1 <= hedged < len(names) or (hedged >= 0 and len(names) != 2):
        raise ValueError(f"classes {names} do not fit with a hedged class of number {hedged}")
    weights = _shaped(arrays, "classes.weights", (n_features, len(names))).astype(np.float32)
    return ClassModel(names, weights, _shaped(arrays, "classes.bias", (len(names),)).astype(np.float64), hedged)


def _phrase_arrays(name: str, table: PhraseTable) -> Arrays:
    return {
        f"{name}.keys": table.phrases.keys,
        f"{name}.lengths": table.lengths,
        f"{name}.values": table.values,
        f"{name}.firsts": table.firsts.keys,
        f"{name}.pairs": table.pairs.keys,
        f"{name}.reach": table.reach,
    }


def _phrases(arrays: Arrays, name: str) -> PhraseTable:
    return PhraseTable(
        KeyIndex(arrays[f"{name}.keys"].astype(np.uint64, copy=False)),
        arrays[f"{name}.lengths"].astype(np.uint8, copy=False),
        arrays[f"{name}.values"].astype(np.uint16, copy=False),
        KeyIndex(arrays[f"{name}.firsts"].astype(np.uint64, copy=False)),
        KeyIndex(arrays[f"{name}.pairs"].astype(np.uint64, copy=False)),
        arrays[f"{name}.reach"].astype(np.uint8, copy=False),
    )


def _linear_arrays(name: str, model: LinearTable) -> Arrays:
    return {f"{name}.weights": model.weights, f"{name}.bias": model.bias}


def _linear(arrays: Arrays, name: str, n_classes: int, n_rows: int) -> LinearTable:
    weights = _shaped(arrays, f"{name}.weights", (n_classes, n_rows)).astype(np.int16)
    return LinearTable(weights, _shaped(arrays, f"{name}.bias", (n_classes,)).astype(np.float64))


def _shaped(arrays: Arrays, name: str, shape: tuple[int, ...]) -> npt.NDArray[np.generic]:
    if arrays[name].shape != shape:
        raise ValueError(f"{name} has shape {arrays[name].shape}, not {shape}")
    return arrays[name]


def _packed(words: list[str] | tuple[str, ...]) -> npt.NDArray[np.uint8]:
    """Words as the bytes of one text, a line each."""
    return np.frombuffer("\n".join(words).encode("utf-8", "surrogatepass"), dtype=np.uint8)


def _unpacked(array: npt.NDArray[np.generic]) -> list[str]:
    text = array.astype(np.uint8, copy=False).tobytes().decode("utf-8", "surrogatepass")
    return text.split("\n") if text else []
