"""The data folder belongs to one user and one process, and its secrets to nobody else."""

import os
import stat
from pathlib import Path

import pytest

from companion.adapters.clock import SystemClock
from companion.embedded import DataFolder, DataFolderError, FolderInUseError
from companion.embedded.folder import _private_folder

pytestmark = pytest.mark.req("R-SEC-15")


def test_a_kept_secret_is_made_once_and_is_private(folder: DataFolder) -> None:
    """The same secret each time, readable by its owner only, on the disk before anybody uses it."""
    assert folder.kept("secret") is None
    assert folder.kept("secret", lambda: "first") == "first"
    assert folder.kept("secret", lambda: "second") == "first"
    assert DataFolder(folder.path, SystemClock()).kept("secret") == "first"
    assert stat.S_IMODE((folder.path / "secret").stat().st_mode) == 0o600
    folder.keep("secret", "third")
    assert folder.kept("secret") == "third"
    assert {path.name for path in folder.path.iterdir()} == {"store", "secret"}


def test_a_secret_that_is_there_already_is_not_written_again(folder: DataFolder) -> None:
    """A start with a full disk still works on what is there."""
    folder.keep("api_key", "same")
    written = (folder.path / "api_key").stat().st_ino
    folder.keep("api_key", "same")
    assert (folder.path / "api_key").stat().st_ino == written


def test_a_secret_that_others_can_read_is_refused(folder: DataFolder) -> None:
    """A copied folder with wide rights is mended by its owner before it is used, with the command that does it."""
    folder.keep("secret", "text")
    (folder.path / "secret").chmod(0o644)
    with pytest.raises(DataFolderError, match="chmod 600"):
        folder.kept("secret")


def test_another_user_does_not_mix_in(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of two users in one store would lock the first one out; the second is told whose it is."""
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(DataFolderError, match=rf"belongs to user {owner}"):
        DataFolder(folder.path, SystemClock())


def test_a_socket_folder_that_somebody_else_prepared_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a public folder anybody may have been first: open rights, a link, another owner and a file are refused."""
    made = _private_folder(tmp_path / "made")
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert _private_folder(made) == made
    (tmp_path / "open").mkdir(mode=0o755)
    (tmp_path / "link").symlink_to(made)
    (tmp_path / "file").touch(mode=0o700)
    for name in ("open", "link", "file"):
        with pytest.raises(DataFolderError, match="not a private folder"):
            _private_folder(tmp_path / name)
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(DataFolderError, match="not a private folder"):
        _private_folder(made)


def test_a_holder_waits_only_as_long_as_it_is_patient(folder: DataFolder) -> None:
    """A second holder in the same process is refused too, and the first one's name is in the sentence."""
    with (
        folder.held("handoff up"),
        pytest.raises(FolderInUseError, match=rf"process {os.getpid()} \(handoff up\)"),
        folder.held("a handoff command", patience_ms=50),
    ):
        pass
    with folder.held("a handoff command"):
        pass
