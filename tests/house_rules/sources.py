"""The sources as the house rules read them: every module of ours, and what it imports."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = ("deploy", "migrations", "services", "shared", "tests", "benchmarks")


@dataclass(frozen=True, slots=True)
class Module:
    """A module by its dotted name."""

    name: str
    path: Path

    @property
    def tree(self) -> ast.Module:
        """Its syntax."""
        return ast.parse(self.path.read_text(encoding="utf-8"))

    @property
    def imports(self) -> set[str]:
        """The dotted names that it imports: of `from a import b` both `a` and `a.b`."""
        return set(_imported(self.tree))


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


@cache
def modules() -> dict[str, Module]:
    """Every module of ours, by name."""
    found = {}
    for top in OURS:
        for path in sorted((ROOT / top).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            found[name] = Module(name, path)
    return found


def under(*packages: str) -> list[Module]:
    """The modules of these packages."""
    return [each for name, each in modules().items() if _is_in(name, packages)]


def imports_into(importers: list[Module], *packages: str) -> list[str]:
    """What these modules import from those packages, as `importer → imported`."""
    return sorted(f"{each.name} → {name}" for each in importers for name in each.imports if _is_in(name, packages))


def known_to(start: Module) -> set[str]:
    """The modules of ours that a module knows, directly or through others."""
    known, waiting = set[str](), [start]
    while waiting:
        for name in waiting.pop().imports & modules().keys():
            if name not in known:
                known.add(name)
                waiting.append(modules()[name])
    return known


def _is_in(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file that is, or would be, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file())
