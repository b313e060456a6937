"""One HTML file to hand out: question, answer, figures and provenance, readable with no network."""

from collections.abc import Mapping, Sequence
from html import escape

import plotly.graph_objects as go

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light; }}
body {{ margin: 0 auto; padding: 3rem 1.25rem; max-width: 62rem; background: #fcfbf8; color: #23262b;
       font: 1rem/1.6 'Source Sans 3', 'Noto Sans', system-ui, sans-serif; }}
h1, h2 {{ font-family: 'Source Serif 4', 'Noto Serif', Georgia, serif; font-weight: 500; line-height: 1.2; }}
h1 {{ font-size: 2.25rem; margin: 0 0 .75rem; }}
h2 {{ font-size: 1.4rem; margin: 2.5rem 0 .5rem; }}
.answer {{ font-size: 1.25rem; max-width: 46rem; }}
.note {{ color: #5c626b; max-width: 46rem; }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.5rem; font-size: .9rem;
     color: #5c626b; }}
dd {{ margin: 0; overflow-wrap: anywhere; }}
code {{ font-size: .85rem; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p class="answer">{answer}</p>
{figures}
<h2>How this was made</h2>
<dl>{facts}</dl>
</body>
</html>
"""


def document(
    title: str, answer: str, figures: Sequence[tuple[str, go.Figure, str]], facts: Mapping[str, str], before: str = ""
) -> str:
    """A complete HTML page that carries its own plotly.js (about 5 MB) and asks nothing of the network.

    Args:
        title: the question.
        answer: the computed sentence.
        figures: (heading, figure, note on how to read it); an empty heading adds none.
        facts: what the result was computed from, and the command that rebuilds it. All text is escaped.
        before: HTML to stand before the figures, as it is.
    """
    parts = []
    for position, (heading, figure, note) in enumerate(figures):
        chart = figure.to_html(
            full_html=False, include_plotlyjs=position == 0, config={"displaylogo": False, "responsive": True}
        )
        parts.append(f"<h2>{escape(heading)}</h2>" * bool(heading) + chart + f'<p class="note">{escape(note)}</p>')
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(str(value))}</dd>" for name, value in facts.items())
    return _PAGE.format(title=escape(title), answer=escape(answer), figures="\n".join([before, *parts]), facts=rows)
