"""The command line: formats, exit codes, one line for an error, and good manners in pipes."""

from __future__ import annotations

import csv
import inspect
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from invented import everything, sentences

import hedgekit
from hedgekit.cli import _BLOCK, main
from hedgekit.corpora import checksum
from hedgekit.errors import DataError, ModelCorruptError, OptionError
from hedgekit.labelled import LabelledData
from hedgekit.model import CertaintyModel
from hedgekit.persistence import shipped

TEXT = "The ferry sank in May. The owner said the crew may have slept.\n\nWho is it?\n"
ESCAPE = "\x1b["


class LengthModel:
    """Scores a sentence by its length alone, so that plumbing can be tested exactly."""

    name = "length"

    def __init__(self) -> None:
        self.batches: list[int] = []

    def score(self, lines: list[str]) -> np.ndarray:
        self.batches.append(len(lines))
        return np.array([len(line) / 100 if line else np.nan for line in lines])


@pytest.fixture
def length_model(monkeypatch: pytest.MonkeyPatch) -> LengthModel:
    model = LengthModel()
    monkeypatch.setattr(hedgekit, "load", lambda name: model, raising=False)
    return model


def run(*arguments: str, text: str | bytes = "") -> Result:
    # Until click 8.2 standard error was mixed into the output unless told otherwise.
    apart: dict[str, Any] = {"mix_stderr": False} if "mix_stderr" in inspect.signature(CliRunner).parameters else {}
    return CliRunner(**apart).invoke(main, arguments, input=text)


def shell(*arguments: str, text: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "hedgekit", *arguments]
    return subprocess.run(command, input=text, capture_output=True, env=os.environ | environment, timeout=120, check=False)


def refused(result: Result) -> str:
    """The one line that a failing command leaves."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert re.fullmatch(r"hedgekit: error: [^\n]+\n", result.stderr), result.stderr
    return result.stderr


# score, with a model that is known exactly ---------------------------------------------------------------------------


def test_score_answers_each_line(length_model: LengthModel) -> None:
    result = run("score", "-", text="abc\n\nabcdefghij")
    assert result.exit_code == 0
    assert result.stdout == "0.0300\nnan\n0.1000\n"


@pytest.mark.parametrize(("text", "count"), [("", 0), ("\n", 1), ("\n\n", 2), ("a", 1), ("a\r\n\r\nb\r\n", 3), ("a\u2028b\x0cc\rd\n", 1)])
def test_score_keeps_the_number_of_lines(length_model: LengthModel, text: str, count: int) -> None:
    assert run("score", "-", text=text.encode()).stdout.count("\n") == count


def test_score_drops_carriage_return_and_byte_order_mark(length_model: LengthModel) -> None:
    assert run("score", "-", text=b"\xef\xbb\xbfabc\r\nab").stdout == "0.0300\n0.0200\n"


def test_score_as_jsonl(length_model: LengthModel) -> None:
    lines = run("score", "-", "--format", "jsonl", text='a "é"\n\n'.encode()).stdout.splitlines()
    assert [json.loads(line) for line in lines] == [{"text": 'a "é"', "certainty": 0.05}, {"text": "", "certainty": None}]


def test_score_as_csv(length_model: LengthModel) -> None:
    result = run("score", "-", "--format", "csv", text='a,"b"\n\n')
    assert list(csv.reader(io.StringIO(result.stdout))) == [["certainty", "text"], ["0.0500", 'a,"b"'], ["", ""]]


def test_score_reads_in_pieces(length_model: LengthModel, tmp_path: Path) -> None:
    line, count = "x" * 99 + "\n", 4 * _BLOCK // 100
    (tmp_path / "long.txt").write_text(line * count)
    result = run("score", str(tmp_path / "long.txt"))
    assert result.stdout == "0.9900\n" * count
    assert sum(length_model.batches) == count
    assert max(length_model.batches) <= _BLOCK // 100 + 1


def test_score_of_a_line_longer_than_a_piece(length_model: LengthModel) -> None:
    assert run("score", "-", text="y" * (3 * _BLOCK) + "\nz\n").stdout == f"{3 * _BLOCK / 100:.4f}\n0.0100\n"


def test_score_names_the_offset_in_a_later_piece(length_model: LengthModel) -> None:
    data = b"a\n" * _BLOCK + b"ab\xe9\n"
    result = run("score", "-", text=data)
    assert result.exit_code == 2
    assert f"byte {2 * _BLOCK + 2} is 0xe9" in result.stderr


# Mistakes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["score", "analyze"])
def test_missing_file(length_model: LengthModel, command: str, tmp_path: Path) -> None:
    assert "No such file or directory" in refused(run(command, str(tmp_path / "gone.txt")))


@pytest.mark.parametrize("command", ["score", "analyze"])
def test_directory(length_model: LengthModel, command: str, tmp_path: Path) -> None:
    assert "irectory" in refused(run(command, str(tmp_path)))


@pytest.mark.parametrize("command", ["score", "analyze"])
def test_binary_file(length_model: LengthModel, command: str, tmp_path: Path) -> None:
    (tmp_path / "a b.bin").write_bytes(b"ab\x00\xff")
    message = refused(run(command, str(tmp_path / "a b.bin")))
    assert "byte 2 is NUL" in message
    assert f"iconv -f UTF-16 -t UTF-8 '{tmp_path}/a b.bin'" in message


@pytest.mark.parametrize("command", ["score", "analyze"])
def test_wrong_encoding(length_model: LengthModel, command: str) -> None:
    message = refused(run(command, "-", text="The café may close.".encode("latin-1")))
    assert "standard input is not UTF-8: byte 7 is 0xe9" in message
    assert "iconv -f WINDOWS-1252 -t UTF-8" in message


def test_broken_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(name: str) -> None:
        raise ModelCorruptError(f"{name} is cut\nat byte 7; fetch it anew")

    monkeypatch.setattr(hedgekit, "load", load, raising=False)
    assert refused(run("score", "-", "--model", "x\x1b[31m")) == "hedgekit: error: x\\x1b[31m is cut at byte 7; fetch it anew\n"


@pytest.mark.parametrize(
    "arguments", [(), ("guess",), ("score",), ("score", "-", "-"), ("score", "-", "--format", "xml"), ("analyze", "--modell", "x", "-")]
)
def test_usage(arguments: tuple[str, ...]) -> None:
    assert refused(run(*arguments)).endswith("see hedgekit --help\n")


@pytest.mark.parametrize("arguments", [("--help",), ("analyze", "--help"), ("score", "-h"), ("models", "--help")])
def test_help(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 0
    assert result.stdout.startswith("Usage: hedgekit")


def test_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(hedgekit, "load", load, raising=False)
    result = run("score", "-")
    assert result.exit_code == 130
    assert result.output.strip() == ""


# With the shipped model ----------------------------------------------------------------------------------------------


def test_analyze_as_jsonl() -> None:
    result = run("analyze", "-", "--format", "jsonl", text=TEXT)
    assert result.exit_code == 0
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert rows == [sentence.to_dict() for sentence in hedgekit.load("general").analyze(TEXT)]
    assert all(TEXT[row["start"] : row["end"]] == row["text"] for row in rows)


def test_analyze_as_csv() -> None:
    result = run("analyze", "-", "--format", "csv", text=TEXT)
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert list(rows[0]) == ["start", "end", "certainty", "level", "hedged", "hedged_probability", "cues", "sources", "text"]
    assert [row["text"] for row in rows] == [TEXT[int(row["start"]) : int(row["end"])] for row in rows]
    assert rows[-1]["certainty"] == ""


def test_analyze_with_own_classes(class_model: CertaintyModel, tmp_path: Path) -> None:
    class_model.save(tmp_path / "mine")
    result = run("analyze", "-", "--format", "csv", "--model", str(tmp_path / "mine"), text=TEXT)
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert list(rows[0])[7:] == ["sources", "label", "probability_red", "probability_green", "probability_blue", "text"]
    found = list(class_model.analyze(TEXT))
    assert [row["label"] for row in rows] == [sentence.label for sentence in found]
    assert [row["probability_red"] for row in rows] == [f"{(sentence.label_probabilities or {})['red']:.4f}" for sentence in found]
    assert f"class: {found[0].label} (probability 0." in run("analyze", "-", "--model", str(tmp_path / "mine"), text=TEXT).stdout
    # The columns stand there for a text without sentences too.
    empty = run("analyze", "-", "--format", "csv", "--model", str(tmp_path / "mine"), text="")
    assert empty.stdout == result.stdout[: result.stdout.index("\n") + 1]


def test_analyze_with_aspects() -> None:
    result = run("analyze", "-", "--format", "csv", "--model", "science", text=TEXT)
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    aspects = ("number", "extent", "probability", "condition", "suggestion", "framing")
    assert list(rows[0])[7:] == ["sources", *(f"aspect_{name}" for name in aspects), "text"]
    found = [sentence.aspects or {} for sentence in hedgekit.load("science").analyze(TEXT)]
    assert [[row[f"aspect_{name}"] for name in aspects] for row in rows] == [[str(value) for value in item.values()] for item in found]
    told = [f"{aspect} {certainty}" for aspect, certainty in found[1].items() if certainty != "not present"]
    assert told
    assert f"aspects: {', '.join(told)}\n" in run("analyze", "-", "--model", "science", text=TEXT).stdout


def test_analyze_as_html(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text(TEXT)
    result = run("analyze", str(tmp_path / "in.txt"), "--format", "html")
    assert result.stdout == hedgekit.load("general").analyze(TEXT).to_html()


def test_analyze_as_text_colours_only_when_asked_or_at_a_terminal() -> None:
    assert ESCAPE not in run("analyze", "-", text=TEXT).stdout
    assert ESCAPE in run("analyze", "-", "--color", text=TEXT).stdout
    assert ESCAPE not in run("analyze", "-", "--no-color", text=TEXT).stdout


def test_analyze_of_nothing() -> None:
    result = run("analyze", "-", text="")
    assert (result.exit_code, result.stdout) == (0, "")


def test_score_equals_the_library() -> None:
    lines = ["The bridge may close.", "", "The bridge closed."]
    result = run("score", "-", text="\n".join(lines))
    assert result.stdout.splitlines() == [f"{value:.4f}" for value in hedgekit.load("general").score(lines)]


def test_models() -> None:
    result = run("models")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == list(shipped())
    rows = [json.loads(line) for line in run("models", "--format", "jsonl").stdout.splitlines()]
    assert "general" in [row["name"] for row in rows]
    assert all(row["bytes"] > 0 and row["format"] is not None and row["description"] for row in rows)


def test_unknown_model() -> None:
    assert "no-such-model" in refused(run("score", "-", "--model", "no-such-model"))


# As a process --------------------------------------------------------------------------------------------------------


def test_version() -> None:
    result = shell("--version")
    assert result.returncode == 0
    assert re.fullmatch(rb"hedgekit \d+\.\d+\S*\n", result.stdout.replace(b"\r\n", b"\n"))


def test_error_leaves_no_traceback(tmp_path: Path) -> None:
    result = shell("score", str(tmp_path / "gone"))
    assert result.returncode == 2
    assert result.stdout == b""
    assert result.stderr.count(b"\n") == 1


def test_output_is_utf_8_whatever_the_locale() -> None:
    result = shell(
        "score", "-", "--format", "jsonl", text="Das könnte sein.\n".encode(), PYTHONIOENCODING="ascii", LC_ALL="C", PYTHONUTF8="0"
    )
    assert "könnte".encode() in result.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="pipes close differently")
@pytest.mark.parametrize("arguments", [("--help",), ("score", "-"), ("analyze", "-"), ("analyze", "-", "--format", "csv")])
def test_a_reader_that_stops_early_is_no_error(arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        command = [sys.executable, "-m", "hedgekit", *arguments]
        done = subprocess.run(command, input=TEXT.encode() * 99, stdout=writing, stderr=subprocess.PIPE, timeout=120, check=False)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_one_line() -> None:
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "hedgekit", "score", "-"]
        done = subprocess.run(command, input=b"a b\n", stdout=full, stderr=subprocess.PIPE, timeout=120, check=False)
    assert done.returncode == 2
    assert re.fullmatch(rb"hedgekit: error: [^\n]+\n", done.stderr)


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ")
def test_interrupted_process_is_quiet() -> None:
    command = [sys.executable, "-m", "hedgekit", "score", "-"]
    pipe = subprocess.PIPE
    # A shell that runs the tests in the background makes them ignore the signal, which the new process would inherit.
    listening = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, preexec_fn=listening) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"It may rain.\n")
        process.stdin.flush()
        assert re.fullmatch(rb"\d\.\d{4}\n", process.stdout.readline())  # answered before the input has ended
        process.send_signal(signal.SIGINT)
        _, message = process.communicate(timeout=120)
    assert process.returncode == 130
    assert message.strip() == b""


def test_importing_the_command_line_is_light() -> None:
    code = "import sys, hedgekit.cli; print([name for name in ('sklearn', 'scipy', 'pandas', 'nltk', 'tqdm') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# With labelled data --------------------------------------------------------------------------------------------------


@pytest.fixture
def columns(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What reading was asked for; what it gives is the same every time."""
    asked: dict[str, Any] = {}

    def read_labelled(data: Any, **given: Any) -> LabelledData:
        if data == "bad.csv":
            raise DataError("bad.csv:3: certainty is 7,\nwhich is no number from 0 to 1")
        asked.update(given, data=data)
        return everything()

    monkeypatch.setattr("hedgekit.training.evaluation.read_labelled", read_labelled)
    return asked


def test_evaluate_as_text(columns: dict[str, Any]) -> None:
    result = run("evaluate", "general", "my.csv", "--text", "sentence", "--scale", "1", "6", "--base", "science", "--no-bag-of-words")
    assert result.exit_code == 0, result.output
    assert columns == {"data": "my.csv", "text": "sentence", "scale": (1.0, 6.0)}
    report = hedgekit.evaluate("general", everything(), base="science", bag_of_words=False)
    assert result.stdout == f"{report}\n"


def test_evaluate_passes_every_column_on(columns: dict[str, Any]) -> None:
    names = ("text", "certainty", "label", "cues", "group", "weight", "annotator", "missing")
    given = [part for name in names for part in (f"--{name}", name.upper())]
    assert run("evaluate", "general", "my.csv", "--no-bag-of-words", *given).exit_code == 0
    assert columns == {"data": "my.csv", **{name: name.upper() for name in names}}


def test_evaluate_as_json(columns: dict[str, Any]) -> None:
    result = run("evaluate", "general", "my.csv", "--format", "json", "--no-bag-of-words")
    assert json.loads(result.stdout) == hedgekit.evaluate("general", everything(), bag_of_words=False).to_dict()


def test_evaluate_writes_a_whole_page(columns: dict[str, Any], tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    out.write_text("before")
    result = run("evaluate", "general", "my.csv", "--format", "html", "--out", str(out), "--no-bag-of-words")
    assert (result.exit_code, result.stdout) == (0, "")
    page = hedgekit.evaluate("general", everything(), bag_of_words=False).to_html()
    assert out.read_text(encoding="utf-8") == page
    assert list(tmp_path.iterdir()) == [out]


def test_a_page_is_not_written_by_halves(columns: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "report.html"
    out.write_text("before")

    def replace(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", replace)
    message = refused(run("evaluate", "general", "my.csv", "--format", "html", "--out", str(out), "--no-bag-of-words"))
    assert "report.html: No space left on device; what stood there before is unchanged" in message
    assert out.read_text() == "before"
    assert list(tmp_path.iterdir()) == [out]


def test_a_link_is_written_through(columns: dict[str, Any], tmp_path: Path) -> None:
    link, out = tmp_path / "link.txt", tmp_path / "report.txt"
    link.symlink_to(out)
    assert run("evaluate", "general", "my.csv", "--out", str(link), "--no-bag-of-words").exit_code == 0
    assert link.is_symlink()
    assert out.read_text(encoding="utf-8").strip()
    link.unlink()
    link.symlink_to(link)
    assert "cannot write" in refused(run("evaluate", "general", "my.csv", "--out", str(link), "--no-bag-of-words"))


def test_evaluate_into_a_folder_that_is_not_there(columns: dict[str, Any], tmp_path: Path) -> None:
    message = refused(run("evaluate", "general", "my.csv", "--out", str(tmp_path / "gone" / "report.txt"), "--no-bag-of-words"))
    assert "cannot write" in message


@pytest.mark.parametrize(
    "arguments",
    [("evaluate", "general", "bad.csv"), ("compare", "general", "general", "--on", "bad.csv")],
)
def test_bad_data_are_one_line(columns: dict[str, Any], arguments: tuple[str, ...]) -> None:
    assert refused(run(*arguments)) == "hedgekit: error: bad.csv:3: certainty is 7, which is no number from 0 to 1\n"


@pytest.mark.parametrize(
    "arguments",
    [("evaluate", "general"), ("compare", "a", "b"), ("evaluate", "general", "f", "--scale", "1"), ("compare", "a", "--on", "f")],
)
def test_usage_with_labelled_data(arguments: tuple[str, ...]) -> None:
    assert refused(run(*arguments)).endswith("see hedgekit --help\n")


@pytest.mark.parametrize(("pair", "status"), [(("general", "general"), 0), (("general", "biomedical"), 1), (("biomedical", "general"), 0)])
def test_compare_tells_by_its_status(columns: dict[str, Any], pair: tuple[str, str], status: int) -> None:
    result = run("compare", *pair, "--on", "my.csv", "--format", "json")
    found = json.loads(result.stdout)
    assert result.exit_code == status, found["figures"]
    assert found == hedgekit.compare(*pair, everything()).to_dict()


def test_warnings_are_one_line(columns: dict[str, Any], monkeypatch: pytest.MonkeyPatch, model: CertaintyModel) -> None:
    text = everything().texts[0]
    mine = CertaintyModel(model.parameters, {**model.info, "text_hashes": [checksum(text)]})
    monkeypatch.setattr(hedgekit, "load", lambda name: mine)
    result = run("evaluate", "mine", "my.csv", "--no-bag-of-words")
    assert result.exit_code == 0
    assert re.fullmatch(r"hedgekit: warning: 1 of 42 sentences stand in the training data[^\n]+\n", result.stderr)


def test_classes_and_the_form_of_the_file(columns: dict[str, Any]) -> None:
    for given, classes in (("low, high", ["low", "high"]), ("0=certain,1=uncertain", {"0": "certain", "1": "uncertain"})):
        asked = ("evaluate", "general", "mine", "--no-bag-of-words", "--classes", given, "--file-format", "jsonl")
        assert run(*asked).exit_code == 0
        assert columns == {"data": "mine", "classes": classes, "format": "jsonl"}
        columns.clear()


@pytest.mark.parametrize("value", ["", "a,,b", "0=certain,1", "=certain", "a="])
def test_classes_that_are_none(columns: dict[str, Any], value: str) -> None:
    assert "--classes takes names, such as low,middle,high" in refused(run("evaluate", "general", "mine", "--classes", value))


# train and suggest ---------------------------------------------------------------------------------------------------


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A file as a user may have it: numbers from 1 to 6, and a class as a number."""
    path = tmp_path / "mine.csv"
    rows = [(text, 1 + 5 * value, int(hedged), group) for text, value, hedged, group in zip(*sentences(), strict=True)]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "score", "kind", "author"), *rows])
    return path


_SCORE = ("--certainty", "score", "--scale", "1", "6", "--group", "author")


def test_train_writes_a_model_and_tells_its_main_figure(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "models" / "mine"
    result = run("train", str(table), "--out", str(out), *_SCORE)
    assert (result.exit_code, result.stderr) == (0, ""), result.stderr
    model = hedgekit.load(out)
    assert (model.name, model.info["base"]) == ("mine", "general")
    values = {row["part"]: row["value"] for row in model.info["metrics"] if row["figure"] == "certainty r"}
    told = ", ".join(f"{value:.3f} {part}" for part, value in values.items())
    assert result.stdout == f"certainty r: {told} (40 labelled)\nwritten to {out}\n"
    assert list(values) == ["held out", "base general", "bag of words"]


def test_train_replaces_a_model(table: Path, tmp_path: Path, small_folder: Path) -> None:
    out = tmp_path / "mine"
    shutil.copytree(small_folder, out)
    arguments = ("--label", "kind", "--classes", "0=certain,1=uncertain", "--no-figures", "--name", "ours", "--base", "science")
    result = run("train", str(table), "--out", str(out), *arguments)
    assert (result.exit_code, result.stdout) == (0, f"not measured\nwritten to {out}\n"), result.stderr
    model = hedgekit.load(out)
    assert (model.name, model.info["base"], model.info["classes"]) == ("ours", "science", ["certain", "uncertain"])


def test_train_writes_where_a_link_leads(table: Path, tmp_path: Path) -> None:
    link, out = tmp_path / "ours", tmp_path / "models" / "v2"
    out.parent.mkdir()
    link.symlink_to(out)
    for _ in range(2):  # a new folder, and one that is there
        result = run("train", str(table), "--out", str(link), "--no-figures", *_SCORE)
        assert (result.exit_code, result.stdout) == (0, f"not measured\nwritten to {link}\n")
        assert link.is_symlink()
        assert hedgekit.load(out).name == "ours"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.csv", "models", "ours"]
    assert list(out.parent.iterdir()) == [out]


@pytest.mark.parametrize("kind", ["folder", "file", "below a file"])
def test_train_refuses_the_place_before_it_works(kind: str, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "mine"
    if kind == "folder":
        out.mkdir()
        (out / "thesis.txt").write_text("mine")
    else:
        out.write_text("mine")
        out = out / "model" if kind == "below a file" else out
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.setattr(hedgekit, "train", lambda *given, **more: pytest.fail("it was trained"), raising=False)
    message = refused(run("train", str(table), "--out", str(out), *_SCORE))
    assert "no folder can be made" in message if kind == "below a file" else "something that is no hedgekit model stands there" in message
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--certainty", "scores"), "--certainty scores is no column"),
        (("--certainty", "score"), "certainty is outside the scale 0 to 1"),
        ((*_SCORE, "--base", "nowhere"), "no model 'nowhere'"),
        ((*_SCORE, "--jobs", "0"), "--jobs must be"),
        ((*_SCORE, "--missing", "guess"), "--missing must be"),
        ((*_SCORE, "--file-format", "docx"), "--file-format must be one of"),
    ],
)
def test_a_train_that_fails_writes_nothing(arguments: tuple[str, ...], message: str, table: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    assert message in refused(run("train", str(table), "--out", str(tmp_path / "mine"), *arguments))
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("given", "in_shell", "in_python"),
    [
        ({}, "name it with --certainty or --label or --cues; a file", "name it with certainty='...' or label='...' or cues='...'; a file"),
        ({"certainty": "score"}, "such as --scale 1 5", "such as scale=(1, 5)"),
        ({"certainty": "scor"}, "--certainty scor is no column", "certainty='scor' is no column"),
        ({"label": "kind", "scale": (1, 5)}, "--scale 1 5 is for certainty", "scale=(1, 5) is for certainty"),
        ({"label": "score", "classes": ["1", "2"]}, "such as --classes 5=1,...", "such as classes={'5': '1', ...}"),
        ({"label": "gap"}, "pass --missing drop to leave", "pass missing='drop' to leave"),
        ({"label": "gap"}, "--missing 'no claim' if they make", "missing='no claim' if they make"),
        ({"label": "kind", "group": "gap"}, "fill it in, or pass --group '' to do", "fill it in, or pass group=False to do"),
        ({"format": "docx"}, "--file-format must be one of csv", "format must be one of csv"),
    ],
)
def test_the_shell_names_options_of_the_shell(given: dict[str, Any], in_shell: str, in_python: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("text,score,kind,gap\nIt rained.,5,dry,a\nIt may rain.,1,wet,\nIt may snow.,3,wet,b\n")
    arguments = [f"--{name.replace('format', 'file-format')}" for name in given]
    values = [[value] if isinstance(value, str) else map(str, value) for value in given.values()]
    written = [[",".join(value)] if name == "classes" else value for name, value in zip(given, values, strict=True)]
    pairs = [part for name, value in zip(arguments, written, strict=True) for part in (name, *value)]
    assert in_shell in refused(run("evaluate", "general", str(path), *pairs))
    # The same mistake in Python is told in its own words, also after a run of the shell.
    with pytest.raises((DataError, OptionError), match=re.escape(in_python)):
        hedgekit.evaluate("general", path, **given)


def test_an_empty_name_is_no_column(table: Path, tmp_path: Path) -> None:
    arguments = ("--label", "kind", "--classes", "0=plain,1=soft", "--no-figures")
    assert run("train", str(table), "--out", str(tmp_path / "mine"), *arguments, "--group", "").exit_code == 0
    assert hedgekit.load(tmp_path / "mine").info["notes"]["columns"] == {"text": "text", "label": "kind"}


def test_suggest_and_train_go_round(table: Path, tmp_path: Path) -> None:
    pool, out = tmp_path / "pool.txt", tmp_path / "next.csv"
    pool.write_text("The king may leave.\nIt would seem to snow.\nIt rained.\nThe ferry closed in May.\n\nSome say so.\n")
    shown = run("suggest", str(pool), "--n", "3", "--labelled", str(table))
    assert (shown.exit_code, shown.stderr) == (0, "")
    header, *rows = csv.reader(io.StringIO(shown.stdout))
    assert header == ["text", "certainty_of_model", "why", "label"]
    assert len(rows) == 3
    assert "The ferry closed in May." not in [row[0] for row in rows]
    written = run("suggest", str(pool), "--n", "3", "--labelled", str(table), "--out", str(out))
    assert (written.exit_code, written.stdout, out.read_text()) == (0, "", shown.stdout)
    # What was labelled meanwhile is not lost.
    assert "stands there already, and may hold labels" in refused(run("suggest", str(pool), "--out", str(out)))
    assert out.read_text() == shown.stdout


def test_suggest_more_than_there_are(tmp_path: Path) -> None:
    (tmp_path / "pool.txt").write_text("It rained.\nIt may snow.\n")
    result = run("suggest", str(tmp_path / "pool.txt"))
    assert result.stdout.count("\n") == 3
    assert re.fullmatch(r"hedgekit: warning: 100 sentences were asked for, and the pool holds 2[^\n]+\n", result.stderr)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("gone.txt",), "gone.txt: cannot be read"),
        (("pool.docx",), "tells no form"),
        (("pool.txt", "--n", "0"), "--n must be"),
        (("pool.txt", "--model", "nowhere"), "no model 'nowhere'"),
        (("pool.txt", "--labelled", "gone.csv"), "gone.csv: cannot be read"),
        (("pool.txt", "--text", "words"), "--text words is no column"),
        ((), "see hedgekit --help"),
    ],
)
def test_suggest_refuses(arguments: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pool.txt").write_text("It rained.\n")
    assert message in refused(run("suggest", *arguments))


@pytest.mark.parametrize("command", ["evaluate", "compare", "train"])
def test_help_of_the_commands_with_labelled_data(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "--annotator COL" in result.stdout
    assert command in run("--help").stdout


def test_the_help_of_all_commands_is_light() -> None:
    code = (
        "import sys, contextlib, hedgekit.cli\n"
        "with contextlib.suppress(SystemExit): hedgekit.cli.main(['evaluate', '--help'])\n"
        "print([name for name in ('sklearn', 'scipy', 'pandas', 'matplotlib', 'tqdm') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("\n[]\n")
