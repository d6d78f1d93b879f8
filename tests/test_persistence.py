"""Models on disk: what is written is read again, and what was altered is refused."""

from __future__ import annotations

import json
import os
import pickle
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hedgekit
from hedgekit import persistence
from hedgekit.errors import InputTypeError, ModelCorruptError, ModelError, ModelFeaturesError, ModelFormatError, ModelNotFoundError
from hedgekit.model import CertaintyModel
from hedgekit.parameters import FEATURES
from hedgekit.persistence import ARRAYS, CARD, HEADER

TEXTS = [
    "The mill closed in March.",
    "The mill may reopen if a buyer is found, the mayor said.",
    "Reportedly, some creditors doubt it.",
    "Who owns the site?",
    "It is unclear whether the river was poisoned.",
]
FILES = (HEADER, ARRAYS, CARD)
N_ALTERATIONS = 72


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory, model: CertaintyModel) -> Path:
    """A saved model that no test changes."""
    folder = tmp_path_factory.mktemp("saved") / "model"
    model.save(folder)
    return folder


@pytest.fixture
def copy(saved: Path, tmp_path: Path) -> Path:
    """A saved model to be spoilt."""
    return Path(shutil.copytree(saved, tmp_path / "model"))


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def same_results(one: CertaintyModel, other: CertaintyModel) -> None:
    """Assert that two models cannot be told apart."""
    np.testing.assert_array_equal(one.score(TEXTS), other.score(TEXTS))
    assert one.annotate(TEXTS) == other.annotate(TEXTS)
    assert [sentence.explain() for sentence in one.annotate(TEXTS)] == [sentence.explain() for sentence in other.annotate(TEXTS)]
    assert one.analyze(" ".join(TEXTS)) == other.analyze(" ".join(TEXTS))
    assert one.info == other.info


# Round trips


def test_a_loaded_model_gives_the_same_results(saved: Path, model: CertaintyModel) -> None:
    same_results(hedgekit.load(saved), model)


def test_saving_twice_gives_the_same_bytes(saved: Path, tmp_path: Path, model: CertaintyModel) -> None:
    model.save(tmp_path / "again")
    hedgekit.load(saved).save(tmp_path / "third")
    assert contents(tmp_path / "again") == contents(saved) == contents(tmp_path / "third")


def test_the_shipped_model_is_as_saved(saved: Path) -> None:
    assert contents(persistence.locate("general")) == contents(saved)


def test_a_model_is_three_files(saved: Path) -> None:
    assert sorted(contents(saved)) == sorted(FILES)


@pytest.mark.parametrize("form", [str, Path, lambda path: str(path) + os.sep, lambda path: path / HEADER, lambda path: str(path / HEADER)])
def test_a_model_is_found_by_folder_or_header(form: Callable[[Path], Any], saved: Path, model: CertaintyModel) -> None:
    same_results(hedgekit.load(form(saved)), model)


def test_a_model_is_found_by_a_relative_path(saved: Path, model: CertaintyModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(saved.parent)
    same_results(hedgekit.load("model"), model)
    monkeypatch.chdir(saved)
    same_results(hedgekit.load("."), model)


def test_a_model_may_be_moved(copy: Path, model: CertaintyModel) -> None:
    same_results(hedgekit.load(copy.rename(copy.with_name("elsewhere"))), model)


def test_saving_makes_folders_and_replaces_a_model(tmp_path: Path, model: CertaintyModel) -> None:
    folder = tmp_path / "one" / "two"
    model.save(folder)
    CertaintyModel(model.parameters, {**model.info, "name": "mine"}).save(folder)
    assert hedgekit.load(folder).name == "mine"
    assert [path.name for path in folder.parent.iterdir()] == ["two"]


def test_saving_into_an_empty_folder(tmp_path: Path, model: CertaintyModel) -> None:
    model.save(tmp_path)
    assert sorted(contents(tmp_path)) == sorted(FILES)


def test_the_card_tells_data_and_figures(saved: Path, model: CertaintyModel) -> None:
    card = (saved / CARD).read_text(encoding="utf-8")
    assert model.info["description"] in card
    for row in model.info["data"]:
        assert row["name"] in card


# What is missing or altered


def test_missing_models_name_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match=r"neither a shipped model \(.*general.*\) nor a folder that holds model\.json"):
        hedgekit.load(tmp_path)
    with pytest.raises(FileNotFoundError):
        hedgekit.load(tmp_path / "nowhere")


def test_without_arrays(copy: Path) -> None:
    (copy / ARRAYS).unlink()
    with pytest.raises(ModelCorruptError, match=r"arrays\.bin: cannot be read .*copy the whole model folder again"):
        hedgekit.load(copy)


def test_without_card(copy: Path, model: CertaintyModel) -> None:
    (copy / CARD).unlink()
    same_results(hedgekit.load(copy), model)


@pytest.mark.parametrize("kept", [0, 1, 1_000, -1])
def test_cut_arrays(kept: int, copy: Path) -> None:
    data = (copy / ARRAYS).read_bytes()
    (copy / ARRAYS).write_bytes(data[:kept])
    size = len(data[:kept])
    with pytest.raises(ModelCorruptError, match=rf"found {size} bytes .*expected {len(data)} bytes.*copy the model folder again"):
        hedgekit.load(copy)


def test_longer_arrays(copy: Path) -> None:
    with (copy / ARRAYS).open("ab") as file:
        file.write(b"\0")
    with pytest.raises(ModelCorruptError, match="cut or altered"):
        hedgekit.load(copy)


def _alter(data: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(data))
    kind = dice.choice(["flip", "flip", "cut", "drop", "double", "zero"])
    if kind == "flip":
        return data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1 :]
    if kind == "cut":
        return data[:at]
    if kind == "drop":
        return data[:at] + data[at + 1 + dice.randrange(64) :]
    if kind == "double":
        return data[:at] + data[at : at + 8] + data[at:]
    return data[:at] + bytes(min(16, len(data) - at)) + data[at + 16 :]


@pytest.mark.parametrize("name", FILES)
def test_altered_files_are_refused_or_give_the_same(name: str, copy: Path, model: CertaintyModel) -> None:
    dice = random.Random(name)
    data = (copy / name).read_bytes()
    refused = 0
    changed = 0
    for _ in range(N_ALTERATIONS // len(FILES)):
        altered = _alter(data, dice)
        changed += altered != data
        (copy / name).write_bytes(altered)
        try:
            loaded = hedgekit.load(copy)
        except ModelError:
            refused += 1
        else:
            same_results(loaded, model)
    assert changed >= 20
    assert refused == {HEADER: refused or -1, ARRAYS: changed, CARD: 0}[name]


@pytest.mark.parametrize("name", FILES)
def test_emptied_files(name: str, copy: Path, model: CertaintyModel) -> None:
    (copy / name).write_bytes(b"")
    if name == CARD:
        same_results(hedgekit.load(copy), model)
        return
    with pytest.raises(ModelCorruptError, match=re.escape(name)):
        hedgekit.load(copy)


@pytest.mark.parametrize(
    "text", ["[]", "null", "3", '"model"', "{}", '{"hedgekit": "model"}', '{"hedgekit": "model", "format": 1, "header": []}', "[" * 100_000]
)
def test_other_json_is_no_header(text: str, copy: Path) -> None:
    (copy / HEADER).write_text(text, encoding="utf-8")
    with pytest.raises(ModelCorruptError, match=r"model\.json: not a"):
        hedgekit.load(copy)


@pytest.mark.parametrize("number", [None, "1", 1.5, True])
def test_a_format_is_a_number(number: object, copy: Path) -> None:
    outer = json.loads((copy / HEADER).read_text(encoding="utf-8"))
    (copy / HEADER).write_text(json.dumps({**outer, "format": number}), encoding="utf-8")
    with pytest.raises(ModelCorruptError, match=re.escape(f"the format number is {number!r}")):
        hedgekit.load(copy)


def test_a_changed_figure_is_noticed(copy: Path) -> None:
    outer = json.loads((copy / HEADER).read_text(encoding="utf-8"))
    outer["header"]["info"]["name"] = "better"
    (copy / HEADER).write_text(json.dumps(outer), encoding="utf-8")
    with pytest.raises(ModelCorruptError, match="the header does not have the expected hash"):
        hedgekit.load(copy)


# Other releases


def test_a_newer_format(tmp_path: Path, model: CertaintyModel, monkeypatch: pytest.MonkeyPatch) -> None:
    readable = persistence.FORMAT
    with monkeypatch.context() as patch:
        patch.setattr(persistence, "FORMAT", readable + 1)
        model.save(tmp_path / "new")
    message = f"format {readable + 1} found, this hedgekit reads formats 1 to {readable}; upgrade hedgekit"
    with pytest.raises(ModelFormatError, match=message):
        hedgekit.load(tmp_path / "new")


def test_a_newer_format_with_another_header(copy: Path) -> None:
    (copy / HEADER).write_text(json.dumps({"hedgekit": "model", "format": 99, "header": {"all": "new"}}), encoding="utf-8")
    with pytest.raises(ModelFormatError, match="format 99 found"):
        hedgekit.load(copy)


def test_other_features(tmp_path: Path, model: CertaintyModel, monkeypatch: pytest.MonkeyPatch) -> None:
    computed = FEATURES
    with monkeypatch.context() as patch:
        patch.setattr(persistence, "FEATURES", computed + 1)
        model.save(tmp_path / "other")
    with pytest.raises(ModelFeaturesError, match=rf"made for features {computed + 1}, this hedgekit computes features {computed}; retrain"):
        hedgekit.load(tmp_path / "other")


def test_arrays_that_do_not_fit(tmp_path: Path, model: CertaintyModel, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = persistence._pack
    with monkeypatch.context() as patch:
        patch.setattr(persistence, "_pack", lambda arrays: pack({name: arrays[name] for name in arrays if name != "certainty.biases"}))
        model.save(tmp_path / "short")
    with pytest.raises(ModelCorruptError, match=r"do not fit together .*certainty\.biases"):
        hedgekit.load(tmp_path / "short")


# Nothing is ever executed


class _Trap:
    """Leaves a mark where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


@pytest.mark.parametrize("kind", ["|O", "<f4"])
@pytest.mark.parametrize("hashed", [False, True])
def test_a_pickle_is_never_executed(
    kind: str, hashed: bool, copy: Path, tmp_path: Path, model: CertaintyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "executed"
    data = pickle.dumps(_Trap(mark))
    if hashed:
        listing = [{"name": "certainty.biases", "dtype": kind, "shape": [3], "offset": 0}]
        with monkeypatch.context() as patch:
            patch.setattr(persistence, "_pack", lambda arrays: (data, listing))
            model.save(copy)
    else:
        (copy / ARRAYS).write_bytes(data)
    assert (copy / ARRAYS).read_bytes() == data
    with pytest.raises(ModelCorruptError):
        hedgekit.load(copy)
    assert not mark.exists()
    pickle.loads(data)
    assert mark.exists()


# Saving is careful


def test_a_foreign_folder_is_not_overwritten(tmp_path: Path, model: CertaintyModel) -> None:
    (tmp_path / "thesis.txt").write_text("all my work", encoding="utf-8")
    with pytest.raises(ModelError, match=r"something that is no hedgekit model stands there; choose another path"):
        model.save(tmp_path)
    assert contents(tmp_path) == {"thesis.txt": b"all my work"}


def test_a_file_is_not_overwritten(tmp_path: Path, model: CertaintyModel) -> None:
    path = tmp_path / "thesis.txt"
    path.write_text("all my work", encoding="utf-8")
    with pytest.raises(ModelError, match="no hedgekit model stands there"):
        model.save(path)
    assert path.read_text(encoding="utf-8") == "all my work"
    with pytest.raises(ModelError, match="could not be written"):
        model.save(path / "below")


def _full_disk(*_: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("failing", [1, 2, 3])
def test_a_full_disk_leaves_the_old_model(
    failing: int, copy: Path, saved: Path, model: CertaintyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = 0
    sync = os.fsync

    def failing_sync(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls == failing:
            _full_disk()
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", failing_sync)
    with pytest.raises(ModelError, match=r"could not be written \(No space left on device\); what stood there before is unchanged"):
        CertaintyModel(model.parameters, {**model.info, "name": "mine"}).save(copy)
    assert contents(copy) == contents(saved)
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]


@pytest.mark.parametrize("error", [OSError(13, "Permission denied"), KeyboardInterrupt()], ids=["refused", "interrupted"])
def test_a_failing_exchange_leaves_the_old_model(
    error: BaseException, copy: Path, saved: Path, model: CertaintyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def failing_rename(path: Path, target: Path) -> Path:
        if path.parent == copy.parent and path.name != copy.name:
            raise error
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", failing_rename)
    with pytest.raises((ModelError, KeyboardInterrupt)):
        model.save(copy)
    assert contents(copy) == contents(saved)
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]


def test_a_failed_first_save_leaves_nothing(tmp_path: Path, model: CertaintyModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", _full_disk)
    with pytest.raises(ModelError, match="could not be written"):
        model.save(tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


# Models that stand on another


def test_shipped_models_store_what_they_share_once(tmp_path: Path) -> None:
    for name in persistence.shipped():
        folder = persistence.locate(name)
        header = json.loads((folder / persistence.HEADER).read_text(encoding="utf-8"))["header"]
        if name == "general":
            assert "base" not in header
            continue
        assert header["base"]["name"] == "general"
        assert len(header["shared"]) >= 10
        assert not {item["name"] for item in header["arrays"]} & set(header["shared"])
        model = hedgekit.load(name)
        model.save(tmp_path / name)
        whole = json.loads((tmp_path / name / persistence.HEADER).read_text(encoding="utf-8"))["header"]
        assert "base" not in whole
        np.testing.assert_array_equal(hedgekit.load(tmp_path / name).score(TEXTS), model.score(TEXTS))


def test_a_model_without_its_base_is_refused(tmp_path: Path) -> None:
    whole = hedgekit.load("general")
    other = whole.with_lexicon(off=["may"])
    path = persistence.write(tmp_path / "lent", other.parameters, other.info, base="general")
    assert (path / persistence.ARRAYS).stat().st_size < 20_000
    np.testing.assert_array_equal(hedgekit.load(path).score(TEXTS), other.score(TEXTS))
    outer = json.loads((path / persistence.HEADER).read_text(encoding="utf-8"))
    outer["header"]["base"]["sha256"] = "0" * 64
    outer["header_sha256"] = persistence._header_hash(outer["header"])
    (path / persistence.HEADER).write_text(json.dumps(outer), encoding="utf-8")
    with pytest.raises(ModelCorruptError, match=r"^\S+model\.json: stands on the model 'general' as it was"):
        hedgekit.load(path)


def test_what_stands_beside_a_model_is_not_lost(model: CertaintyModel, tmp_path: Path) -> None:
    """The whole folder is replaced: with somebody else's file in it, it is refused."""
    model.save(tmp_path / "mine")
    (tmp_path / "mine" / "labels.csv").write_text("text,certainty\n", encoding="utf-8")
    before = {item.name: item.read_bytes() for item in (tmp_path / "mine").iterdir()}
    with pytest.raises(ModelError, match=r"beside a model there stands labels\.csv"):
        model.save(tmp_path / "mine")
    assert {item.name: item.read_bytes() for item in (tmp_path / "mine").iterdir()} == before


def test_a_link_stays_one(copy: Path, saved: Path, model: CertaintyModel, tmp_path: Path) -> None:
    link = tmp_path / "elsewhere" / "link"
    link.parent.mkdir()
    link.symlink_to(Path("..", copy.name), target_is_directory=True)
    CertaintyModel(model.parameters, {**model.info, "name": "mine"}).save(link)
    assert link.is_symlink()
    assert hedgekit.load(copy).name == "mine"
    # A link to what is not there yet makes it.
    link.unlink()
    link.symlink_to(tmp_path / "new")
    assert persistence.check_place(link) == link
    model.save(link)
    assert link.is_symlink()
    assert contents(tmp_path / "new") == contents(saved)
    assert sorted(path.name for path in (*tmp_path.iterdir(), *link.parent.iterdir())) == ["elsewhere", "link", copy.name, "new"]


def test_a_link_loses_nothing_where_writing_fails(copy: Path, saved: Path, model: CertaintyModel, monkeypatch: pytest.MonkeyPatch) -> None:
    link = copy.with_name("link")
    link.symlink_to(copy)
    monkeypatch.setattr(os, "fsync", _full_disk)
    with pytest.raises(ModelError, match="could not be written"):
        CertaintyModel(model.parameters, {**model.info, "name": "mine"}).save(link)
    assert link.is_symlink()
    assert contents(copy) == contents(saved)
    assert sorted(path.name for path in copy.parent.iterdir()) == ["link", copy.name]


def test_links_that_lead_nowhere(model: CertaintyModel, tmp_path: Path) -> None:
    work, link = tmp_path / "thesis", tmp_path / "link"
    work.mkdir()
    (work / "thesis.txt").write_text("all my work", encoding="utf-8")
    link.symlink_to(work)
    with pytest.raises(ModelError, match="no hedgekit model stands there"):
        model.save(link)
    one, other = tmp_path / "one", tmp_path / "other"
    one.symlink_to(other)
    other.symlink_to(one)
    for save in (model.save, persistence.check_place):
        with pytest.raises(ModelError, match=r"one.*(leads nowhere|could not be written|no folder can be made)"):
            save(one)
    assert one.is_symlink()


@pytest.mark.parametrize("path", [None, 3, b"model", "", ["model"]])
def test_a_place_that_is_no_path(path: Any, model: CertaintyModel) -> None:
    got = "None" if path is None else f"{type(path).__name__} "
    for save in (model.save, persistence.check_place):
        with pytest.raises(InputTypeError, match=rf"^a model is saved to a folder, whose path is a str or a Path; got {got}.*: pass one"):
            save(path)


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b"])
def test_a_name_that_no_file_has(name: str, model: CertaintyModel, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="could not be written") as caught:
        model.save(tmp_path / name)
    str(caught.value).encode()
    assert not any(tmp_path.iterdir())


def test_half_of_a_character_is_told(model: CertaintyModel, tmp_path: Path) -> None:
    with pytest.raises(
        ModelError, match=r"the model's info holds half of a character \(a lone surrogate\), which no file can hold: '.*mi\\ud800ne"
    ):
        CertaintyModel(model.parameters, {**model.info, "name": "mi\ud800ne"}).save(tmp_path / "mine")
    assert not any(tmp_path.iterdir())
