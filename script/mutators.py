"""The mutants of a source file, for run_mutants.py.

A subset of cosmic-ray's operators (one replacement for each operator: all of them would take days)
and the removal of a call, which cosmic-ray lacks.
"""

from __future__ import annotations

import ast
import contextlib
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cosmic_ray.plugins
import parso
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator

Span = tuple[tuple[int, int], tuple[int, int]]
"""First and last position in a file, each as (line from 1, column from 0)."""

OPERATORS = frozenset(
    {
        *("AddNot", "ExceptionReplacer", "NumberReplacer", "RemoveDecorator"),
        *("ReplaceAndWithOr", "ReplaceOrWithAnd", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue"),
        *("ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ZeroIterationForLoop"),
        *("ReplaceUnaryOperator_Delete_Not", "ReplaceUnaryOperator_USub_UAdd"),
        *(
            f"ReplaceComparisonOperator_{pair}"
            for pair in (
                *("Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is", "Lt_LtE", "Lt_GtE"),
                *("LtE_Lt", "LtE_Gt", "Gt_GtE", "Gt_LtE", "GtE_Gt", "GtE_Lt"),
            )
        ),
        *(
            f"ReplaceBinaryOperator_{pair}"
            for pair in (
                *("Add_Sub", "Sub_Add", "Mul_FloorDiv", "Div_Mul", "FloorDiv_Mul", "Mod_Mul"),
                *("BitOr_BitAnd", "BitAnd_BitOr", "LShift_RShift", "RShift_LShift", "Pow_Mul"),
            )
        ),
    }
)
"""The operators used, of cosmic-ray's about 200."""


class RemoveCall(Operator):  # type: ignore[misc]  # cosmic-ray is not in the environment
    """Replaces a statement that is only a call, awaited or not, with ``pass``."""

    def mutation_positions(self, node: Any) -> Iterator[Span]:
        """The position of ``node``, if it is such a call."""
        if node.type not in ("atom_expr", "power") or node.parent is None:
            return
        if node.parent.type != "simple_stmt" or node.parent.children[0] is not node:
            return
        last = node.children[-1]
        if last.type == "trailer" and last.children[0].value == "(":
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:  # noqa: ARG002  # cosmic-ray's signature
        """``pass`` in the place of ``node``."""
        return parso.python.tree.Keyword(
            "pass", node.start_pos, prefix=node.get_first_leaf().prefix
        )

    @classmethod
    def examples(cls) -> tuple[Any, ...]:
        """None: this operator is not registered as a plugin."""
        return ()


@dataclass(frozen=True)
class Mutant:
    """One change: ``operator`` at its ``occurrence`` in ``path``, first line ``line``."""

    path: str
    operator: str
    occurrence: int
    line: int

    def code(self, source: str) -> str | None:
        """The mutated source; None where the operator changes nothing."""
        mutated: str | None = mutate_code(source, _operator(self.operator), self.occurrence)
        if mutated is None or mutated == source:
            return None
        with contextlib.suppress(SyntaxError):
            ast.parse(mutated)
            return mutated
        return None

    def diff(self, source: str) -> str:
        """The change as a unified diff."""
        mutated = self.code(source) or source
        lines = difflib.unified_diff(
            source.splitlines(), mutated.splitlines(), self.path, self.path, lineterm="", n=2
        )
        return "\n".join(lines)


def _operator(name: str) -> Operator:
    if name == "RemoveCall":
        return RemoveCall()
    made: Operator = cosmic_ray.plugins.get_operator(f"core/{name}")()
    return made


def mutants_of(path: str, source: str) -> list[Mutant]:
    """All mutants of one file."""
    left_out = list(_left_out(source))
    marked = {n for n, text in enumerate(source.splitlines(), 1) if "pragma: no mutate" in text}
    found = []
    for name in sorted({*OPERATORS, "RemoveCall"}):
        operator = _operator(name)
        positions = (
            span
            for node in ast_nodes(get_ast(source))
            for span in operator.mutation_positions(node)
        )
        for occurrence, (first, last) in enumerate(positions):
            inside = any(a <= first and last <= b for a, b in left_out)
            if not inside and first[0] not in marked:
                found.append(Mutant(path, name, occurrence, first[0]))
    return found


def _left_out(source: str) -> Iterator[Span]:
    """Code without mutants, because no test can detect them: annotations, log calls,
    ``if TYPE_CHECKING``, ``@dataclass(…)``."""
    for node in ast.walk(ast.parse(source)):
        part: ast.expr | ast.stmt | None = None
        if isinstance(node, ast.arg | ast.AnnAssign):
            part = node.annotation
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            part = node.returns
        elif isinstance(node, ast.Call):
            skipped = ("_log.", "log.", "dataclass")
            part = node if ast.unparse(node.func).startswith(skipped) else None
        elif isinstance(node, ast.If):
            part = node if "TYPE_CHECKING" in ast.unparse(node.test) else None
        if part is not None:
            end = part.end_lineno or part.lineno, part.end_col_offset or 0
            yield (part.lineno, part.col_offset), end
