"""How Sphinx makes the handbook of `docs/`: `sphinx-build -c handbook docs OUT`.

The pages are written for GitHub. What differs is done here: the list of `index.md` becomes the navigation, and a
link that leads out of `docs/` becomes the name of a file.
"""

from __future__ import annotations

import re
from typing import Any

project = "mockflow"
html_title = "mockflow handbook"
extensions = ["myst_parser"]
templates_path: list[str] = []
myst_heading_anchors = 4
nitpicky = True
html_theme = "theme"
html_theme_path = ["."]
html_copy_source = False
html_use_index = False
html_permalinks_icon = "#"

_ENTRY = re.compile(r"^- \[([^]]+)\]\(([\w-]+)\.md\)", re.MULTILINE)
_OUTSIDE = re.compile(r"\[([^]]+)\]\(\.\./([^)#]+?)/?(?:#[^)]*)?\)")
_TREE = "\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{pages}\n```\n"


def navigation(index: str) -> str:
    """One tree of pages for each section of `index.md`, under the names they have there."""
    trees = []
    for section in re.split(r"^## ", index, flags=re.MULTILINE)[1:]:
        pages = [f"{name} <{page}>" for name, page in _ENTRY.findall(section)]
        if pages:
            trees.append(_TREE.format(caption=section.partition("\n")[0], pages="\n".join(pages)))
    return "".join(trees)


def named(link: re.Match[str]) -> str:
    """The name of a file of a clone, instead of a link to it."""
    words, place = link.groups()
    return f"`{place}`" if words == place else f"{words} (`{place}` in a clone)"


def adapt(_app: Any, page: str, text: list[str]) -> None:
    """Change the Markdown of a page before it is read."""
    text[0] = _OUTSIDE.sub(named, text[0])
    text[0] = text[0].replace("[openapi.json](openapi.json)", '<a href="../openapi.json">openapi.json</a>')
    if page == "index":
        text[0] += navigation(text[0])


def accessible(_app: Any, _page: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    """Mend what a screen reader stumbles over: headings without a level, heads of a column without words."""
    tree = context["toctree"]
    context["toctree"] = lambda **options: tree(**options).replace(' role="heading"', "")
    if "body" in context:
        context["body"] = context["body"].replace('<th class="head"><p></p></th>', "<td></td>")


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.connect("source-read", adapt)
    app.connect("html-page-context", accessible)
