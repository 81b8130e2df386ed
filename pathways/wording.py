"""Plain words for what a model refuses: what was received and what would work.

It reads pydantic's errors and the models' own fields; it knows no document and no line.
"""

import difflib
from collections.abc import Iterable, Iterator
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

Path = tuple[str | int, ...]

_MAPPING = "must be a mapping (lines of `key: value`), not {got}"
_WHOLE = "must be a whole number, not {got}"
_TEXT: dict[str, str] = {
    "missing": "is missing",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "bool_type": "must be true or false, not {got}",
    "int_type": _WHOLE,
    "int_from_float": _WHOLE,
    "none_required": "must be null, not {got}",
    "literal_error": "must be {expected}, not {got}",
    "tuple_type": "must be a list, not {got}",
    "dict_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "union_tag_invalid": "{discriminator} must be one of {expected_tags}, not '{tag}'",
    "union_tag_not_found": "{discriminator} is missing; it says which kind this is",
    "value_error": "{error}",
}


def place(detail: ErrorDetails, root: Any) -> Path:
    """Return where in a document an error lies, leaving out the names of union branches."""
    path: list[str | int] = []
    node = root
    for at, part in enumerate(detail["loc"]):
        if _has(node, part):
            path.append(part)
            node = node[part]
        elif detail["type"] == "missing" and at == len(detail["loc"]) - 1:
            path.append(part)
    return tuple(path)


def sentence(detail: ErrorDetails, path: Path, model: type[BaseModel], root: Any) -> str:
    """Return what is wrong at a path of a document that was to become a model."""
    got = detail["input"]
    kind = detail["type"]
    if kind == "extra_forbidden":
        names = _names(model, path[:-1], root)
        return f"is not known here{close(str(path[-1]), names) or _listed(names)}"
    if kind == "string_type":
        quoted = "" if isinstance(got, tuple | dict) else f'; put it in quotes, as "{shown(got)}"'
        return f"must be text, not {shown(got)}{quoted}"
    if kind in _TEXT:
        return _TEXT[kind].format(got=shown(got), **detail.get("ctx", {}))
    return f"{detail['msg'][:1].lower()}{detail['msg'][1:]}; got {shown(got)}"


def shown(value: Any) -> str:
    """Return a value of a document as its author may recognise it."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case tuple() | list():
            return "a list"
        case dict():
            return "a mapping"
        case Decimal():
            return str(value)
        case str() if len(value) > 60:
            return repr(value[:60] + "…")
        case _:
            return repr(value)


def close(name: str, names: Iterable[str]) -> str:
    """Return a question after the name that was probably meant; empty if none is near."""
    near = difflib.get_close_matches(name, list(names), 1)
    return f"; did you mean {near[0]}?" if near else ""


def _listed(names: list[str]) -> str:
    return f"; use {', '.join(names)}" if names else ""


def _has(node: Any, part: str | int) -> bool:
    if isinstance(node, dict):
        return part in node
    return isinstance(node, list) and isinstance(part, int) and part < len(node)


def _names(model: Any, path: Path, root: Any) -> list[str]:
    """Return the field names of the model that describes a place of a document."""
    node = root
    here = model
    for part in path:
        here = _inside(here, part, node)
        node = node[part] if _has(node, part) else None
    return list(dict.fromkeys(f.alias or n for m in _models(here, node) for n, f in m.model_fields.items()))


def _inside(annotation: Any, part: str | int, node: Any) -> Any:
    """Return the annotation of one part of a value described by an annotation."""
    found = [get_args(b)[b_part] for b, b_part in _containers(annotation)]
    for model in _models(annotation, node):
        found += [f.annotation for n, f in model.model_fields.items() if part in (f.alias, n)]
    return Union[tuple(found)] if found else None  # noqa: UP007 - built at run time


def _containers(annotation: Any) -> Iterator[tuple[Any, int]]:
    for branch in _branches(annotation):
        if get_origin(branch) in (dict, tuple) and get_args(branch):
            yield branch, 1 if get_origin(branch) is dict else 0


def _models(annotation: Any, node: Any) -> list[type[BaseModel]]:
    models = [b for b in _branches(annotation) if isinstance(b, type) and issubclass(b, BaseModel)]
    return [m for m in models if _fits(m, node)] or models


def _branches(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) is Annotated:
        yield from _branches(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, UnionType):
        for branch in get_args(annotation):
            yield from _branches(branch)
    elif annotation is not NoneType:
        yield annotation


def _fits(model: type[BaseModel], node: Any) -> bool:
    """Whether a mapping carries the fixed values that tell this model from its neighbours."""
    if not isinstance(node, dict):
        return True
    fixed = {n: f.annotation for n, f in model.model_fields.items() if get_origin(f.annotation) is Literal}
    return all(node.get(n, get_args(a)[0]) in get_args(a) for n, a in fixed.items())
