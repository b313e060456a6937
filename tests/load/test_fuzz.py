"""Whatever users bring is accepted or refused in a sentence; `python -m tests.load.fuzz` tries as much as one likes."""

import logging
import os
import socket
import subprocess
import sys

import pytest

from tests.load import fuzz


@pytest.fixture(autouse=True)
def no_logs():
    """Streamlit and the store log what they leave out."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


def readable(tallies, faults) -> str:
    return fuzz.written(tallies) + "\n" + "\n".join(map(str, faults[:20]))


def test_two_hundred_spoilt_files_are_accepted_or_clearly_refused(tmp_path):
    tallies, faults = fuzz.run(200, 0, tmp_path / "fuzz", pages=False)
    assert not faults, readable(tallies, faults)
    assert sum(tally.accepted for tally in tallies.values()) > 20
    assert sum(tally.refused for tally in tallies.values()) > 100


@pytest.mark.slow
def test_ten_thousand_spoilt_inputs_are_accepted_or_clearly_refused(tmp_path):
    tallies, faults = fuzz.run(10_000, 0, tmp_path / "fuzz")
    assert not faults, readable(tallies, faults)


def tried(tmp_path, read):
    """What the fuzz says of a reader that does this."""
    with fuzz.own_places(tmp_path / "fuzz"):
        return fuzz._tried("reader", read, {"file": b"x"}, tmp_path / "fuzz", 0, fuzz.Tally())


def refuse(error):
    def read(folder):
        raise error

    return read


def test_a_sentence_is_a_refusal_and_all_else_that_is_raised_a_fault(tmp_path):
    assert tried(tmp_path / "a", lambda folder: None) is None
    assert tried(tmp_path / "b", refuse(ValueError("The file has no rows. Give some."))) is None
    for number, error in enumerate(
        (KeyError("x"), StopIteration(), ValueError("x"), ValueError("too " * 999 + "long."))
    ):
        assert tried(tmp_path / str(number), refuse(error)), error
    assert tried(tmp_path / "c", lambda folder: b"\xff".decode()).kind == "unclear UnicodeDecodeError"


@pytest.mark.parametrize(
    ("does", "kind"),
    [
        (lambda folder: (folder.parents[1] / "work" / "left").write_text("x"), "written"),
        (lambda folder: (folder / "file").unlink(), "written"),
        (lambda folder: (folder / "more").mkdir(), "written"),
        (lambda folder: os.rename(folder / "file", folder / "other"), "written"),
        (lambda folder: subprocess.run([sys.executable, "-c", ""], check=True), "subprocess.Popen"),
        (lambda folder: socket.socket().connect_ex(("127.0.0.1", 9)), "socket.connect"),
        (lambda folder: sys.audit(fuzz.MARKER), fuzz.MARKER),
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_a_reader_should_not_do_is_seen(tmp_path, does, kind):
    assert tried(tmp_path, does).kind == kind


def test_the_apps_own_home_may_be_written_to(tmp_path):
    assert tried(tmp_path, lambda folder: (folder.parents[1] / "app" / "kept").write_text("x")) is None


def test_a_reader_that_does_not_end_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(fuzz, "LONGEST", 1)

    def wait(folder):
        while True:
            pass

    assert tried(tmp_path, wait).kind == "longer than 1 s"
