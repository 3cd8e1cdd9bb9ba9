"""Folders that exist whole or not at all, with a manifest that shows any damage.

A folder is written under a hidden name beside its own, forced to disk and then renamed. What it
replaces is set aside first and comes back if the machine stops in between.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError

from ssp_policy.errors import PolicyError

_FORMAT = 1
_MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Saved:
    """What was written; `manifest_sha256` stands for the content of every file."""

    path: Path
    size: int
    """Bytes of all files."""
    files: int
    manifest_sha256: str


def write_folder(folder: Path, fill: Callable[[Path], None], *, overwrite: bool) -> Saved:
    """Let `fill` write into an empty folder, then make it appear as `folder` at once.

    Its files get the rights that the process gives new ones, whatever libraries chose. Raises
    SSP_POLICY_CHECKPOINT_EXISTS unless `overwrite`, and SSP_POLICY_SAVE_FAILED with nothing left
    behind.
    """
    _bring_back(folder)
    if folder.exists() and not overwrite:
        raise PolicyError("SSP_POLICY_CHECKPOINT_EXISTS", name=folder.name, folder=folder.parent)
    try:
        with _made_aside(folder) as partial:
            fill(partial)
            saved = _write_manifest(partial, folder)
            _set_rights(partial, ~_umask())
            _force_to_disk(partial)
            _replace(folder, partial)
    except (OSError, SafetensorError) as error:
        raise PolicyError("SSP_POLICY_SAVE_FAILED", path=folder, problem=error) from error
    return saved


def write_plain_folder(folder: Path, fill: Callable[[Path], None]) -> tuple[int, int]:
    """Write a folder that everybody may read, without a manifest; give its bytes and files.

    Raises SSP_POLICY_EXPORT_FAILED, also where `folder` holds something, with nothing left behind.
    """
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise FileExistsError("it is there already, and nothing is overwritten")
        with _made_aside(folder) as partial:
            fill(partial)
            _set_rights(partial, 0o755)
            files = [path for path in partial.rglob("*") if path.is_file()]
            size = sum(path.stat().st_size for path in files)
            _force_to_disk(partial)
            partial.rename(folder)
            _force(folder.parent)
    except (OSError, SafetensorError) as error:
        raise PolicyError("SSP_POLICY_EXPORT_FAILED", path=folder, problem=error) from error
    return size, len(files)


@contextmanager
def _made_aside(folder: Path) -> Generator[Path]:
    """Give an empty hidden folder beside `folder`, which is gone afterwards unless renamed."""
    partial = folder.with_name(f".{folder.name}.partial")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        yield partial
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _set_rights(folder: Path, mask: int) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod((0o777 if path.is_dir() else 0o666) & mask)


def _umask() -> int:
    """Give the process's mask, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


@dataclass(frozen=True)
class Verified:
    """A folder that is what its manifest says."""

    manifest_sha256: str
    files: list[str]
    """Of the manifest; others beside them are no part."""


def verify_folder(
    folder: Path, *, manifest_sha256: str | None = None, only_sizes: bool = False
) -> Verified:
    """Compare every file with the manifest.

    With `only_sizes` no file but the manifest is read. Raises SSP_POLICY_CHECKPOINT_UNKNOWN where
    there is no such folder, SSP_POLICY_CHECKPOINT_DIFFERS where its manifest is another one than
    `manifest_sha256`, and SSP_POLICY_CHECKPOINT_DAMAGED with the first file that is missing or
    different.
    """
    _bring_back(folder)
    if not folder.is_dir():
        raise PolicyError("SSP_POLICY_CHECKPOINT_UNKNOWN", name=folder.name, folder=folder.parent)
    found, files = _read_manifest(folder)
    if manifest_sha256 not in {None, found}:
        expected = f"the manifest {manifest_sha256}"
        raise differs(folder, expected, f"the manifest {found}")
    for name, (size, digest) in files.items():
        path = folder / name
        try:
            whole = path.stat().st_size == size and (only_sizes or _digest(path) == digest)
        except OSError as error:
            raise damaged(folder, f"{name} cannot be read: {error}") from error
        if not whole:
            raise damaged(folder, f"{name} is not what was saved")
    return Verified(found, list(files))


def differs(folder: Path, expected: str, found: str) -> PolicyError:
    """Say that a checkpoint is whole and another one than was meant."""
    return PolicyError(
        "SSP_POLICY_CHECKPOINT_DIFFERS", name=folder.name, expected=expected, found=found
    )


def free_bytes(folder: Path) -> int:
    """Give the free space of the disk where `folder` is or would be made; 0 where none is known."""
    for place in (folder, *folder.parents):
        try:
            return shutil.disk_usage(place).free
        except FileNotFoundError:
            continue
        except OSError:
            break
    return 0


def damaged(folder: Path, problem: str) -> PolicyError:
    """Say that a checkpoint cannot be trusted."""
    return PolicyError("SSP_POLICY_CHECKPOINT_DAMAGED", path=folder, problem=problem)


def _write_manifest(partial: Path, folder: Path) -> Saved:
    paths = sorted(path for path in partial.rglob("*") if path.is_file())
    rows = {
        path.relative_to(partial).as_posix(): {
            "bytes": path.stat().st_size,
            "sha256": _digest(path),
        }
        for path in paths
    }
    manifest = partial / _MANIFEST
    manifest.write_text(json.dumps({"format": _FORMAT, "files": rows}, indent=1), encoding="utf-8")
    size = sum(path.stat().st_size for path in [*paths, manifest])
    return Saved(folder, size, len(paths) + 1, _digest(manifest))


def _read_manifest(folder: Path) -> tuple[str, dict[str, tuple[int, str]]]:
    """Give the SHA-256 of the manifest, and the size and SHA-256 of each file."""
    try:
        raw = (folder / _MANIFEST).read_bytes()
        manifest = json.loads(raw)
        if manifest["format"] != _FORMAT:
            raise differs(folder, f"format {_FORMAT}", f"format {manifest['format']}")
        files = {name: (row["bytes"], row["sha256"]) for name, row in manifest["files"].items()}
        return hashlib.sha256(raw).hexdigest(), files
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged(folder, f"its {_MANIFEST} cannot be read: {error}") from error


def _digest(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _replace(folder: Path, partial: Path) -> None:
    aside = _aside(folder)
    if folder.exists():
        folder.rename(aside)
    partial.rename(folder)
    _force(folder.parent)
    shutil.rmtree(aside, ignore_errors=True)


def _bring_back(folder: Path) -> None:
    """Undo a replacement that was cut off between its two renames, or finish its clearing up."""
    aside = _aside(folder)
    if not aside.exists():
        return
    if folder.exists():
        shutil.rmtree(aside, ignore_errors=True)
    else:
        aside.rename(folder)


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.replaced")


def _force_to_disk(folder: Path) -> None:
    for path in folder.rglob("*"):
        _force(path)
    _force(folder)


def _force(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
