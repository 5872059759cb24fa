"""How long a hook takes for one file, against floors measured in the same run: `python tests/bench_startup.py`.

The wheel is built and unpacked as pip would install it, so that nothing is read from the checkout or a cache. The
floor is an interpreter that imports what any tool of this kind needs; the goal is 1.8 times that.
"""

from __future__ import annotations

import compileall
import os
import statistics
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from test_wheel import build, copy_to

GOAL = 1.8
ROUNDS = 15
RUN = "from overgrant.cli import main; main()"
HEAVY = ("jsonschema", "libcst", "yaml", "tree_sitter", "importlib.metadata", "packaging")
FLOORS = {"interpreter": "pass", "click": "import click", "click, yaml, json, re": "import click, yaml, json, re"}


def taken(words: list[str], where: Path, env: dict[str, str]) -> float:
    """Seconds of one process."""
    start = time.perf_counter()
    subprocess.run(words, cwd=where, env=env, capture_output=True, check=False)
    return time.perf_counter() - start


def main() -> int:
    """Print medians and ratios; 1 when the goal is missed or something heavy is imported."""
    with TemporaryDirectory(prefix="overgrant-") as folder:
        base = Path(folder)
        (base / "source").mkdir()
        with zipfile.ZipFile(build(copy_to(base / "source"), base / "dist")) as wheel:
            wheel.extractall(base / "site")
        compileall.compile_dir(base / "site", quiet=2)
        (base / "tree/.claude").mkdir(parents=True)
        (base / "tree/.claude/settings.json").write_text('{"permissions": {"allow": ["Bash(npm run lint)", "Read"]}}\n')
        env = {**os.environ, "PYTHONPATH": str(base / "site"), "OVERGRANT_CACHE_DIR": str(base / "cache")}
        check = [sys.executable, "-c", RUN, "check", ".claude/settings.json"]
        words = {name: [sys.executable, "-c", text] for name, text in FLOORS.items()} | {"check FILE": check}
        times: dict[str, list[float]] = {name: [] for name in words}
        for _ in range(ROUNDS):
            for name, each in words.items():
                times[name].append(taken(each, base / "tree", env))
        loaded = subprocess.run([sys.executable, "-X", "importtime", *check[1:]], cwd=base / "tree", env=env, text=True,
                                capture_output=True, check=False).stderr
    medians = {name: statistics.median(each) for name, each in times.items()}
    floor = medians["click, yaml, json, re"]
    for name, median in medians.items():
        sys.stdout.write(f"{name:24} {median * 1000:6.0f} ms  {median / floor:4.2f} x\n")
    imported = {line.rpartition("|")[2].strip() for line in loaded.splitlines()}
    heavy = [name for name in HEAVY if name in imported]
    sys.stdout.write(f"imported although heavy: {', '.join(heavy) or 'nothing'}\n")
    return int(medians["check FILE"] / floor > GOAL or bool(heavy))


if __name__ == "__main__":
    sys.exit(main())
