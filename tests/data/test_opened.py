"""What was made of files is kept while they stay the same."""

import hashlib

from dlfa_core.data.opened import digest_of, opened_once, stamp_of


def test_a_source_is_opened_anew_only_when_a_file_of_it_changed(tmp_path):
    file, opened = tmp_path / "words.txt", []
    file.write_text("one")

    @opened_once(lambda source: [file], most=1)
    def read(source, *settings):
        """Read it."""
        opened.append((source, *settings))
        return file.read_text()

    assert [read("a"), read("a")] == ["one", "one"]
    file.write_text("three")
    assert read("a") == "three"
    assert read("a", 2) == "three"
    assert opened == [("a",), ("a",), ("a", 2)]
    assert read.__doc__ == "Read it."


def test_a_digest_follows_names_and_content_but_no_folder(tmp_path):
    digests = []
    for folder, text in (("first", "same"), ("second", "same"), ("third", "else")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "words.txt").write_text(text)
        digests.append(digest_of(stamp_of([tmp_path / folder / "words.txt"])))
    first, second, third = digests
    assert first == second != third
    assert first == hashlib.sha256(b"words.txt\x004\nsame").hexdigest()
    (tmp_path / "first" / "words.txt").rename(tmp_path / "first" / "names.txt")
    assert digest_of(stamp_of([tmp_path / "first" / "names.txt"])) != first
