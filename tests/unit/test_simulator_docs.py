"""The tables of what is imitated name a test for each of its rules; here is seen that there are such tests."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "simulator.md").read_text()
TABLES = [
    PAGE.partition(f"## {name}")[2].partition("\n## ")[0] for name in ("What is imitated", "The data centre")
]
ROW = re.compile(r"^\| (?!rule|---|\*\*)(.+?) \|.*\| `?([^`|]*)`? \|$", re.MULTILINE)
ROWS = [row for table in TABLES for row in ROW.findall(table)]


def test_the_tables_are_there() -> None:
    bot_api, data_centre = (len(ROW.findall(table)) for table in TABLES)
    assert (bot_api > 70, data_centre > 40) == (True, True)


@pytest.mark.parametrize(("rule", "test"), ROWS, ids=[rule for rule, _ in ROWS])
def test_a_rule_has_its_test(rule: str, test: str) -> None:
    file, _, name = test.partition("::")
    tree = ast.parse((ROOT / file).read_text())
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert name in functions, f"{rule}: no test {test}"
