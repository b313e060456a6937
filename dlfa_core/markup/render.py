"""Templates filled in. All text is escaped, but for `Markup`: what a template gave, or what a library made as HTML.

The pages that are taken home are one family: `page.html`, and what extends it.
"""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from dlfa_core.languages import find

TEMPLATES = Path(__file__).with_name("templates")


def environment(*folders: Path) -> Environment:
    """Templates of these folders and of this one; a value that a template asks for and does not get is an error."""
    templates = Environment(
        loader=FileSystemLoader([*folders, TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals["find"] = find
    return templates


@cache
def template(name: str) -> Template:
    """A template of this folder."""
    return environment().get_template(name)


def render(name: str, **values: object) -> str:
    """A template of this folder, filled in."""
    return template(name).render(values)
