"""Git, asked carefully: which files it tracks or would track, and what stood in a revision.

The repository is untrusted, and its own configuration can name programs (monitors, filters, external
diffs, remote helpers, an ssh command for a lazy fetch). So only commands that compare no content with
the working tree are used, every transport is refused, and the executable is never taken from the
tree. What git says about a directory is an answer or `GitRefused`, never an exception.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import subprocess

TIMEOUT = 30.0
BLOB_LIMIT = 8 * 1024 * 1024
_SHALLOW = "a shallow clone has only the newest; fetch the rest, in a workflow with `fetch-depth: 0`"
LINK, SUBMODULE = "120000", "160000"

_SAFE = ("-c", "core.hooksPath=" + os.devnull, "-c", "core.fsmonitor=false", "-c", "core.pager=cat",
         "-c", "core.alternateRefsCommand=", "-c", "core.sshCommand=false", "-c", "core.gitProxy=",
         "-c", "protocol.allow=never", "-c", "protocol.ext.allow=never", "-c", "safe.bareRepository=explicit",
         "-c", "submodule.recurse=false", "-c", "core.quotePath=false")
# the user's own environment may say which configuration holds (containers set `safe.directory` so)
# and where objects lie (server-side hooks); where the repository is, only the directory says
_KEPT = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_",
         "GIT_CONFIG_VALUE_", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM", "GIT_EXEC_PATH",
         "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH")

Why = Literal["absent", "none", "ownership", "bare", "timeout", "revision", "failed"]


class GitRefused(NamedTuple):
    """Git gives no answer.

    why     `absent` (no git), `none` (no repository here), `ownership` (git trusts another user's
            directory only when told to), `bare`, `timeout`, `revision` (no such commit), `failed`
    reason  in words, for a person
    """

    why: Why
    reason: str


class Listed(NamedTuple):
    """A file that git tracks or would track; the path is relative to the directory asked for, with `/`.

    mode, blob  of the staged entry; empty for a file that is not tracked. A path that ends in `/`
                is a repository inside this one that is no submodule.
    """

    path: str
    tracked: bool
    mode: str = ""
    blob: str = ""


class Listing(NamedTuple):
    """Everything git says about the files below a directory.

    files    what it tracks or would track
    ignored  what it ignores: files, and whole directories with a `/` at their end
    """

    files: list[Listed]
    ignored: list[str]


def listing(directory: str) -> Listing | GitRefused:
    """The files below a directory, and what is ignored there; two processes, side by side."""
    shown = _start(directory, "ls-files", "-z", "-t", "--stage", "--cached", "--others", "--exclude-standard")
    if isinstance(shown, GitRefused):
        return shown
    hidden = _start(directory, "ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory")
    first, second = _end(shown), None if isinstance(hidden, GitRefused) else _end(hidden)
    if isinstance(first, GitRefused):
        return first
    ignored = [] if second is None or isinstance(second, GitRefused) else [*_names(second)]
    return Listing([*_listed(first)], ignored)


def _listed(output: bytes) -> Iterator[Listed]:
    before = ""
    for record in _names(output):
        if record[0] == "?":
            yield Listed(record[2:], False)
            continue
        facts, _, path = record.partition("\t")
        if path != before:  # a file in conflict stands there once per side
            _, mode, blob, _ = facts.split(" ")
            yield Listed(path, True, mode, blob)
        before = path


def would_track(directory: str) -> list[str] | GitRefused:
    """Paths of the files below a directory that git tracks, or would if they were added."""
    found = listing(directory)
    return found if isinstance(found, GitRefused) else [file.path for file in found.files]


def tracked(directory: str) -> list[Listed] | GitRefused:
    """The files below a directory that stand in the index, with their staged content's name."""
    output = _ask(directory, "ls-files", "-z", "-t", "--stage", "--cached")
    return output if isinstance(output, GitRefused) else [*_listed(output)]


def top(directory: str) -> str | GitRefused:
    """The working tree's top directory, absolute."""
    output = _ask(directory, "rev-parse", "--show-toplevel")
    return output if isinstance(output, GitRefused) else os.fsdecode(output).rstrip("\r\n")


def resolve(directory: str, revision: str) -> str | GitRefused:
    """The full name of the commit that a revision stands for."""
    if not revision or revision.startswith("-") or "\0" in revision:
        return GitRefused("revision", f"`{revision}` is no revision")
    output = _ask(directory, "rev-parse", "--verify", "--quiet", revision + "^{commit}")
    if isinstance(output, GitRefused):
        if output.why != "failed":
            return output
        return GitRefused("revision", f"git knows no commit `{revision}` here ({_SHALLOW})")
    return output.decode("ascii", "replace").strip()


def merge_base(directory: str, one: str, other: str) -> str | GitRefused:
    """The newest commit that two revisions have in common."""
    ends = []
    for revision in (one, other):
        commit = resolve(directory, revision)
        if isinstance(commit, GitRefused):
            return commit
        ends.append(commit)
    output = _ask(directory, "merge-base", *ends)
    if isinstance(output, GitRefused):
        if output.why != "failed":
            return output
        return GitRefused("revision", f"`{one}` and `{other}` have no commit in common ({_SHALLOW})")
    return output.decode("ascii", "replace").strip()


def tree_files(directory: str, revision: str) -> dict[str, Listed] | GitRefused:
    """The files of a revision below a directory, by path relative to it."""
    commit = resolve(directory, revision)
    if isinstance(commit, GitRefused):
        return commit
    output = _ask(directory, "ls-tree", "-r", "-z", commit)
    if isinstance(output, GitRefused):
        return output
    files = {}
    for record in _names(output):
        facts, _, path = record.partition("\t")
        mode, _, blob = facts.split(" ")
        files[path] = Listed(path, True, mode, blob)
    return files


def blobs(directory: str, wanted: Iterable[str], *, most: int = BLOB_LIMIT) -> dict[str, bytes] | GitRefused:
    """Contents by blob name, as stored (no filter runs), without those that are missing or larger than `most` bytes."""
    asked = sorted(set(wanted))
    if not all(name.isalnum() for name in asked):
        return GitRefused("failed", "a blob's name is not hexadecimal")
    if not asked:
        return {}
    sizes = _ask(directory, "cat-file", "--batch-check", stdin="\n".join(asked) + "\n")
    if isinstance(sizes, GitRefused):
        return sizes
    fit = []
    for line in sizes.decode("ascii", "replace").splitlines():
        name, kind, *size = line.split(" ")
        if kind == "blob" and size and int(size[0]) <= most:
            fit.append(name)
    if not fit:
        return {}
    output = _ask(directory, "cat-file", "--batch", stdin="\n".join(fit) + "\n")
    return output if isinstance(output, GitRefused) else dict(_contents(output))


def _contents(output: bytes) -> Iterator[tuple[str, bytes]]:
    at = 0
    while at < len(output):
        head = output.index(b"\n", at)
        name, _, size = output[at:head].decode("ascii", "replace").split(" ")
        end = head + 1 + int(size)
        yield name, output[head + 1:end]
        at = end + 1


def blob(directory: str, revision: str, path: str, *, most: int = BLOB_LIMIT) -> bytes | GitRefused | None:
    """The content of one file in a revision; none if it is not there, is no file, or is too large."""
    files = tree_files(directory, revision)
    if isinstance(files, GitRefused):
        return files
    file = files.get(path)
    if file is None or file.mode in (LINK, SUBMODULE):
        return None
    found = blobs(directory, [file.blob], most=most)
    return found if isinstance(found, GitRefused) else found.get(file.blob)


def _names(output: bytes) -> Iterator[str]:
    return filter(None, os.fsdecode(output).split("\0"))


def executable() -> str | None:
    """Git's path, from the absolute directories of `PATH` that do not lie in the working directory's tree."""
    name = "git.exe" if os.name == "nt" else "git"
    here = os.path.join(os.path.realpath(os.getcwd()), "")
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder, name)
        if os.path.isabs(folder) and os.path.isfile(path) and os.access(path, os.X_OK) \
                and not os.path.realpath(path).startswith(here):
            return path
    return None


def environment() -> dict[str, str]:
    """The environment of git: nothing that moves the repository or names a program, and no questions."""
    kept = {name: value for name, value in os.environ.items()
            if not name.upper().startswith("GIT_") or name.upper().startswith(_KEPT)}
    kept.update(GIT_TERMINAL_PROMPT="0", GIT_OPTIONAL_LOCKS="0", GIT_NO_LAZY_FETCH="1", GIT_ALLOW_PROTOCOL="none",
                GIT_NO_REPLACE_OBJECTS="1", GIT_ATTR_NOSYSTEM="1", LC_ALL="C", LANGUAGE="C")
    return kept


def _start(directory: str, *words: str, stdin: bool = False) -> subprocess.Popen[bytes] | GitRefused:
    import subprocess

    program = executable()
    if program is None:
        return GitRefused("absent", "git is not installed")
    command: Sequence[str] = (program, *_SAFE, "--no-pager", "--no-optional-locks", "--literal-pathspecs", *words)
    try:
        return subprocess.Popen(command, cwd=directory, env=environment(), stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, stdin=subprocess.PIPE if stdin else subprocess.DEVNULL)
    except (OSError, ValueError) as error:
        return GitRefused("failed", f"git does not start ({error.__class__.__name__})")


def _end(process: subprocess.Popen[bytes], stdin: bytes | None = None) -> bytes | GitRefused:
    import subprocess

    with process:
        try:
            output, complaint = process.communicate(stdin, timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return GitRefused("timeout", f"git takes longer than {TIMEOUT:.0f} seconds")
    return output if process.returncode == 0 else _refusal(complaint.decode("utf-8", "replace"))


def _ask(directory: str, *words: str, stdin: str | None = None) -> bytes | GitRefused:
    process = _start(directory, *words, stdin=stdin is not None)
    if isinstance(process, GitRefused):
        return process
    return _end(process, None if stdin is None else stdin.encode("ascii", "replace"))


def _refusal(complaint: str) -> GitRefused:
    if "dubious ownership" in complaint:
        return GitRefused("ownership", "git refuses this directory because another user owns it (`git config --global --add "
                                       "safe.directory DIR` says that you trust it)")
    if "not a git repository" in complaint:
        return GitRefused("none", "this directory is in no git repository")
    if "bare repository" in complaint or "must be run in a work tree" in complaint:
        return GitRefused("bare", "this is a bare repository")
    lines = complaint.strip().splitlines()
    first = "".join(char for char in (lines[0] if lines else "no reason given") if char.isprintable())[:200]
    return GitRefused("failed", f"git fails: {first}")
