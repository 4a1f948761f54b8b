"""Files that survive a power cut: copies, fsync, and replacing a small file as a whole."""

import errno
import os
import shutil
from pathlib import Path

_CHUNK = 1 << 30
# The kernel or the filesystem cannot copy by itself: go through memory instead.
_NO_KERNEL_COPY = {errno.EXDEV, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL, errno.EPERM}


def copy_file(source: Path, target: Path) -> None:
    """Copy one file inside the kernel; on Btrfs and XFS the copy shares the blocks (a reflink)."""
    with source.open("rb") as read, target.open("wb") as write:
        left = os.fstat(read.fileno()).st_size
        try:
            while left > 0:
                copied = os.copy_file_range(read.fileno(), write.fileno(), min(left, _CHUNK))
                if copied == 0:  # the file is shorter than it said
                    return
                left -= copied
        except OSError as error:
            if error.errno not in _NO_KERNEL_COPY:
                raise
            shutil.copyfile(source, target)


def copy_folder(source: Path, target: Path) -> None:
    """Copy a folder and everything in it; an empty one where ``source`` does not exist."""
    target.mkdir()
    if not source.is_dir():
        return
    for entry in sorted(source.iterdir()):
        copy = copy_folder if entry.is_dir() else copy_file
        copy(entry, target / entry.name)


def sync(path: Path) -> None:
    """Wait until the disk has a file's bytes, or a folder's names."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Wait until the disk has everything in ``folder``."""
    for entry in folder.iterdir():
        if entry.is_dir():
            sync_tree(entry)
        else:
            sync(entry)
    sync(folder)


def replace_text(file: Path, text: str) -> None:
    """Give a small file a new content at once: a reader sees the old one or the new one."""
    new = file.with_name(f"{file.name}.new")
    with new.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    new.replace(file)
    sync(file.parent)


def size(path: Path) -> int:
    """Bytes of a file, or of everything in a folder; 0 where nothing is."""
    if path.is_dir():
        return sum(size(entry) for entry in path.iterdir())
    return path.stat().st_size if path.exists() else 0
