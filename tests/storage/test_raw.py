"""Raw folders and archives, listed and read without trust."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fairtrial.core.errors import DataError
from fairtrial.core.hashing import sha256_bytes
from fairtrial.storage.raw import RawFolderDataset

FILES = {"a/1.png": b"one", "a/2.png": b"two", "b/1.png": b"three"}


def folder(root: Path) -> Path:
    for name, content in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def tarred(path: Path, members: list[tarfile.TarInfo], content: bytes = b"x") -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for member in members:
            member.size = len(content) if member.isfile() else 0
            archive.addfile(member, io.BytesIO(content) if member.isfile() else None)
    return path


def listed(place: Path, **options: str) -> dict[str, str]:
    files = RawFolderDataset(filepath=str(place), **options).load().files
    return dict(zip(files["path"], files["sha256"], strict=True))


def test_folder_and_archive_of_the_same_files_list_alike(tmp_path: Path) -> None:
    """A folder, a zip and a tar give one listing, and the same content when read."""
    root = folder(tmp_path / "raw")
    with tarfile.open(tmp_path / "raw.tar.gz", "w:gz") as archive:
        for name in FILES:
            archive.add(root / name, name)
    places = [root, zipped(tmp_path / "raw.zip", FILES), tmp_path / "raw.tar.gz"]
    expected = {name: sha256_bytes(content) for name, content in FILES.items()}
    for place in places:
        assert listed(place) == expected
        assert RawFolderDataset(filepath=str(place)).load().read("a/2.png") == b"two"


def test_hidden_files_are_no_items(tmp_path: Path) -> None:
    """Files of the system beside the data are passed over."""
    root = folder(tmp_path / "raw")
    (root / ".DS_Store").write_bytes(b"x")
    (root / "__MACOSX").mkdir()
    (root / "__MACOSX" / "1.png").write_bytes(b"x")
    assert set(listed(root)) == set(FILES)


def test_a_pattern_chooses_files(tmp_path: Path) -> None:
    """A problem's definition is listed with its table alone."""
    root = folder(tmp_path / "raw")
    assert set(listed(root, pattern="a/*")) == {"a/1.png", "a/2.png"}


def test_the_cache_knows_a_changed_file(tmp_path: Path) -> None:
    """A remembered hash holds only while size and time of change do."""
    root, cache = folder(tmp_path / "raw"), str(tmp_path / "cache.json")
    before = listed(root, cache=cache)
    status = (root / "a/1.png").stat()
    (root / "a/1.png").write_bytes(b"eno")
    os.utime(root / "a/1.png", ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    after = listed(root, cache=cache)
    assert after["a/1.png"] == sha256_bytes(b"eno")
    assert {name: after[name] for name in after if name != "a/1.png"} == {
        name: before[name] for name in before if name != "a/1.png"
    }


def test_a_file_that_changes_after_the_listing_is_refused(tmp_path: Path) -> None:
    """What is read is what was listed, or an error."""
    root = folder(tmp_path / "raw")
    raw = RawFolderDataset(filepath=str(root)).load()
    (root / "a/1.png").write_bytes(b"other")
    with pytest.raises(DataError, match="the content that was listed"):
        raw.read("a/1.png")


def test_a_missing_place_tells_where_to_set_it(tmp_path: Path) -> None:
    """No folder is one message with the remedy."""
    with pytest.raises(Exception, match="data_root=DIR"):
        RawFolderDataset(filepath=str(tmp_path / "none")).load()


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    """A folder cannot smuggle in a file from elsewhere."""
    root = folder(tmp_path / "raw")
    (tmp_path / "secret").write_bytes(b"x")
    (root / "a/3.png").symlink_to(tmp_path / "secret")
    with pytest.raises(Exception, match="a link out of it"):
        listed(root)


@pytest.mark.parametrize("name", ["../evil.png", "/etc/evil.png", "a/../../evil", "c:\\evil"])
def test_archive_members_that_leave_it_are_refused(tmp_path: Path, name: str) -> None:
    """No member is read under a path outside the archive."""
    with pytest.raises(Exception, match="a path inside the archive"):
        listed(zipped(tmp_path / "raw.zip", {name: b"x"}))
    with pytest.raises(Exception, match="a path inside the archive"):
        listed(tarred(tmp_path / "raw.tar.gz", [tarfile.TarInfo(name)]))


def test_duplicate_members_are_refused(tmp_path: Path) -> None:
    """Neither the last of two members wins nor one of a.png and A.PNG."""
    with pytest.raises(Exception, match="each name once"):
        listed(zipped(tmp_path / "raw.zip", {"a.png": b"x", "A.PNG": b"y"}))
    with pytest.raises(Exception, match="each name once"):
        listed(tarred(tmp_path / "r.tgz", [tarfile.TarInfo("a"), tarfile.TarInfo("a")]))


def test_links_in_archives_are_refused(tmp_path: Path) -> None:
    """A link member never becomes a text file or a way out."""
    link = tarfile.TarInfo("a")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with pytest.raises(Exception, match="a link or device"):
        listed(tarred(tmp_path / "raw.tar.gz", [link]))
    info = zipfile.ZipInfo("a")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "raw.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(Exception, match="a link or device"):
        listed(tmp_path / "raw.zip")


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    """An archive that claims far more than its size is not read."""
    with pytest.raises(Exception, match="decompression bomb"):
        listed(zipped(tmp_path / "raw.zip", {"a.png": bytes(60_000_000)}))


def test_what_stands_behind_the_end_of_a_tar_does_not_fill_the_disk(tmp_path: Path) -> None:
    """No listing sees it, so that it is met when the tar is decompressed."""
    path = tarred(tmp_path / "raw.tar.gz", [tarfile.TarInfo("a.png")])
    whole = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(whole + bytes(60_000_000)))
    raw = RawFolderDataset(filepath=str(path), cache=str(tmp_path / "cache.json")).load()
    with pytest.raises(DataError, match=r"found more than \d+ bytes\. .*decompression bomb"):
        raw.read("a.png")
    assert {found.name for found in tmp_path.iterdir()} <= {"raw.tar.gz", "cache.json"}


def test_a_tar_of_many_small_files_is_no_bomb(tmp_path: Path) -> None:
    """Headers, which shrink to next to nothing, are not held against it."""
    names = [f"{'long/' * 30}{n}.png" for n in range(500)]
    path = tarred(tmp_path / "raw.tar.gz", [tarfile.TarInfo(name) for name in names])
    assert RawFolderDataset(filepath=str(path)).load().read(names[-1]) == b"x"


def test_members_of_a_tar_are_not_searched_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read goes straight to its member; one that has gone since the listing is an error."""

    def never(*_: object) -> None:
        raise AssertionError

    path = tarred(tmp_path / "raw.tgz", [tarfile.TarInfo("a.png"), tarfile.TarInfo("b.png")])
    raw = RawFolderDataset(filepath=str(path)).load()
    monkeypatch.setattr(tarfile.TarFile, "getmember", never)
    assert raw.read("b.png") == b"x"
    other = RawFolderDataset(filepath=str(path)).load()
    tarred(path, [tarfile.TarInfo("a.png")])
    with pytest.raises(DataError, match=r"b\.png: expected the content that was listed"):
        other.read("b.png")


def test_a_truncated_archive_is_one_message(tmp_path: Path) -> None:
    """A download cut short says so."""
    path = zipped(tmp_path / "raw.zip", FILES)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(Exception, match="a whole zip or tar archive"):
        listed(path)


def test_samples_are_never_drawn_over_a_users_files(tmp_path: Path) -> None:
    """Files that somebody put where samples go are neither replaced nor taken for samples."""
    root = folder(tmp_path / "raw")
    drawn = RawFolderDataset(filepath=str(root), drawn=True)
    assert not drawn.exists()
    for act in (drawn.load, lambda: drawn.save({"a/1.png": b"new"})):
        with pytest.raises(Exception, match="files of another origin"):
            act()
    assert (root / "a/1.png").read_bytes() == b"one"


def test_samples_are_never_taken_for_real_data(tmp_path: Path) -> None:
    """A study of one's own that is pointed at drawn samples is stopped."""
    drawn = RawFolderDataset(filepath=str(tmp_path / "raw"), drawn=True)
    drawn.save(FILES)
    assert drawn.exists()
    assert set(drawn.load().files["path"]) == set(FILES)
    with pytest.raises(Exception, match="samples drawn by the project"):
        listed(tmp_path / "raw")


def test_a_linked_folder_is_refused(tmp_path: Path) -> None:
    """A class that is a link would vanish from the walk without a word."""
    root = folder(tmp_path / "raw")
    (root / "c").symlink_to(root / "a")
    with pytest.raises(Exception, match="expected a folder, found a link"):
        listed(root)


def test_one_table_is_found_without_a_walk(tmp_path: Path) -> None:
    """A table may lie in a folder full of other things, and have any name."""
    root = folder(tmp_path / "raw")
    (root / "results [1].csv").write_bytes(b"a,b\n")
    (root / "elsewhere").symlink_to("/")
    assert set(listed(root, pattern="results [1].csv")) == {"results [1].csv"}


def test_altered_compressed_data_is_one_message(tmp_path: Path) -> None:
    """A flipped bit inside a zip member says that the archive is not whole."""
    path = zipped(tmp_path / "raw.zip", {"a.png": os.urandom(10) * 1000})
    content = bytearray(path.read_bytes())
    content[60] ^= 0xFF
    path.write_bytes(bytes(content))
    with pytest.raises(Exception, match="a whole zip or tar archive"):
        listed(path)


def test_hidden_members_of_an_archive_are_no_items(tmp_path: Path) -> None:
    """What a system packs along is passed over as in a folder."""
    more = {"__MACOSX/a/._1.png": b"x", "a/.DS_Store": b"x"}
    assert set(listed(zipped(tmp_path / "raw.zip", {**FILES, **more}))) == set(FILES)


@pytest.mark.parametrize("suffix", ["zip", "tar", "tar.gz"])
def test_threads_read_an_archive_in_any_order(tmp_path: Path, suffix: str) -> None:
    """Members come back whole to many threads, of a compressed tar from its end as well."""
    root = tmp_path / "raw"
    contents = {f"{n:02d}.png": os.urandom(3000) for n in range(40)}
    root.mkdir()
    for name, content in contents.items():
        (root / name).write_bytes(content)
    archive = tmp_path / f"raw.{suffix}"
    if suffix == "zip":
        zipped(archive, contents)
    else:
        with tarfile.open(archive, f"w:{suffix[4:]}") as tar:
            tar.add(root, ".")
    dataset = RawFolderDataset(filepath=str(archive), cache=str(tmp_path / "cache.json"))
    raw = dataset.load()
    names = sorted(raw.files["path"], reverse=True) * 3
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(raw.read, names))
    assert found == [contents[name.removeprefix("./")] for name in names]


def test_an_encrypted_archive_is_one_message(tmp_path: Path) -> None:
    """A zip with a password says that it needs one."""
    path = zipped(tmp_path / "raw.zip", {"a.png": b"x"})
    content = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1  # the flag of encrypted members
    path.write_bytes(bytes(content))
    with pytest.raises(Exception, match="a whole zip or tar archive, found .*password"):
        listed(path)


def test_a_file_that_cannot_be_read_is_listed_without_a_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One file that the disk does not give stops nobody until it is asked for."""
    root = folder(tmp_path / "raw")

    def refuse(path: Path) -> str:
        if path.name == "2.png":
            raise PermissionError(13, "Permission denied")
        return sha256_bytes(path.read_bytes())

    monkeypatch.setattr("fairtrial.storage.raw.sha256_file", refuse)
    raw = RawFolderDataset(filepath=str(root)).load()
    assert raw.files.set_index("path")["sha256"]["a/2.png"] == ""
    (root / "a/2.png").unlink()
    with pytest.raises(DataError, match="a file that can be read, found No such file"):
        raw.read("a/2.png")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A pipe would be read for ever; a link to nothing hides that a picture is gone."""
    root = folder(tmp_path / "raw")
    os.mkfifo(root / "a/pipe.png")
    with pytest.raises(Exception, match="pipe.png: expected a file, found a pipe"):
        listed(root)
    (root / "a/pipe.png").unlink()
    (root / "a/gone.png").symlink_to(root / "nothing.png")
    with pytest.raises(Exception, match="gone.png: expected a file, found a link to nothing"):
        listed(root)


def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """No table could hold a name of other bytes than UTF-8."""
    root = folder(tmp_path / "raw")
    (root / os.fsdecode(b"a/\xff.png")).write_bytes(b"x")
    with pytest.raises(Exception, match="a file name in UTF-8, found other bytes"):
        listed(root)
