"""The house: imports run downstairs only, and no modules import each other in a circle."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parent.parent
BELOW = {
    "agents": set[str](),
    "storage": {"agents"},
    "integrations": {"agents"},
    "bot": {"agents", "storage", "integrations"},
    "jobs": {"agents", "storage", "integrations", "bot"},
}
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for floor in BELOW
    for path in (ROOT / floor).rglob("*.py")
}


def imports(module: str) -> set[str]:
    """What `module` imports when it runs, also inside functions; what only the type checker reads does not count."""
    tree = ast.parse(MODULES[module].read_text())
    checks = [
        node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
    ]
    unread = {id(node) for check in checks for statement in check.body for node in ast.walk(statement)}
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and id(node) not in unread:
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and id(node) not in unread:
            assert not node.level, f"{module} imports relatively; name the module in full"
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def test_imports_run_downstairs_only() -> None:
    floors = {module: module.split(".")[0] for module in MODULES}
    upstairs = [
        f"{module} imports {name}"
        for module, floor in floors.items()
        for name in imports(module)
        if name.split(".")[0] in BELOW.keys() - BELOW[floor] - {floor}
    ]
    assert upstairs == []


def test_no_modules_import_each_other() -> None:
    graph = {module: {ours(name) for name in imports(module)} - {module, None} for module in MODULES}
    # A package that its own modules import, and that imports them, is one thing in several files.
    graph = {
        module: {name for name in names if not f"{module}.".startswith(f"{name}.")}
        for module, names in graph.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError(f"a circle: {' -> '.join(error.args[1])}") from None


def ours(name: str) -> str | None:
    """The module of ours that an imported name is, or lies in."""
    while name and name not in MODULES:
        name = name.rpartition(".")[0]
    return name or None
