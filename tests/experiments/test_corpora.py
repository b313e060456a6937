import sys

import pytest

from dlfa_core.data import CorpusError
from dlfa_core.experiments.sources import corpora


def test_a_corpus_is_read_once_and_again_when_its_file_changes(corpus, monkeypatch):
    first = corpora.opened(corpus)
    assert corpora.opened(corpus) is first
    with open(corpus.removeprefix("table:"), "a", encoding="utf-8") as file:
        file.write("\nthe cat\tcat\tघर\n")
    assert len(corpora.opened(corpus)) == len(first) + 1


def test_a_file_in_a_folder_counts(tmp_path):
    (tmp_path / "en.txt").write_text("one\ntwo\n")
    (tmp_path / "de.txt").write_text("eins\nzwei\n")
    before = corpora.fingerprint(f"folder:{tmp_path}")
    (tmp_path / "de.txt").write_text("eins\ndrei!\n")
    assert corpora.fingerprint(f"folder:{tmp_path}") != before


def test_a_pinned_hub_data_set_is_its_commit_without_asking_anybody(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub.HfApi", None)
    commit = "0123456789abcdef" * 2 + "01234567"
    assert corpora.fingerprint(f"hub:owner/name@{commit}:config:test") == f"commit:{commit}"


def test_an_unpinned_hub_data_set_is_the_commit_of_today(monkeypatch):
    import huggingface_hub

    class Offered:
        sha = "a" * 40

    monkeypatch.setattr(huggingface_hub.HfApi, "dataset_info", lambda *_, **__: Offered)
    assert corpora.fingerprint("hub:owner/name") == "commit:" + "a" * 40


def test_a_hub_out_of_reach_is_said_with_what_to_do(monkeypatch):
    import huggingface_hub

    def unreachable(*_, **__):
        raise ConnectionError("Name or service not known")

    monkeypatch.setattr(huggingface_hub.HfApi, "dataset_info", unreachable)
    with pytest.raises(CorpusError, match=r"'owner/name' is meant \(Name or service not known\).*or pin"):
        corpora.fingerprint("hub:owner/name")


def test_a_missing_corpus_is_an_error_of_its_own():
    with pytest.raises(CorpusError, match="nowhere"):
        corpora.fingerprint("table:/nowhere.tsv")
