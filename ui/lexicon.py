"""What the Lexicon page asks and shows beyond what pages share."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from dlfa_core import languages as lang
from dlfa_core import markup
from dlfa_core.experiments import attribute, lexicon
from dlfa_core.figures import lexicon as drawn
from dlfa_core.runtime import jobs, store
from dlfa_core.runtime.command import command_line
from ui import choices, corpora
from ui.limits import is_demo, limits
from ui.results import result as ui_result
from ui.text import aside, notes, problem

MODELS = ("demo-sentiment", "nlptown/bert-base-multilingual-uncased-sentiment")
QUESTIONS = {"positive against negative": ("positive", "negative"), "the predicted label": ("", "")}
METHODS = ("integrated_gradients", "occlusion", "shapley", "gradient_shap", "deep_lift", "input_x_gradient")
BASELINES = ("pad", "mask", "zero")
LANGUAGES = sorted(lang.LANGUAGES, key=lambda code: (code != "eng", lang.find(code).name))  # the first is the usual one
SENTENCES = 120  # in each language; those of `lexicon.Spec()`
WARMING = "Good morning"
_KEPT = {"bind": "query-params", "persist_state": "session"}


class Side(NamedTuple):
    """One of the two typed texts, and what explains it."""

    text: str
    language: str
    model: str
    layer: int | None


def model_name(name: str) -> str:
    """How a classifier is called on a page."""
    return drawn.TASK_MODELS.get(name, name)


def language_name(code: str) -> str:
    return "All languages" if code == "all" else lang.find(code).name


def styles() -> None:
    """What the coloured words need on the page."""
    st.html(f"<style>{markup.STYLE}</style>")


def asked(model: str, corpus: str) -> lexicon.Spec | None:
    """The comparison to look up; in public what ships, or the bundled model on a visitor's sentences."""
    try:
        read = corpora.read(corpus)
    except (ValueError, OSError) as error:
        problem(error)
        return None
    if is_demo():
        own = {} if corpus == "sample" else {"classifiers": ("demo-sentiment",), "limit": min(SENTENCES, len(read))}
        return lexicon.Spec(corpus=corpus, **own)
    left, right = st.columns(2, gap="large")
    with left:
        classifiers = st.multiselect(
            "Classifiers",
            list(MODELS),
            format_func=model_name,
            key="classifiers",
            accept_new_options=True,
            placeholder="heads at every layer of the model in the sidebar",
            help="Task models to compare, a folder or a hub id each. With none, heads are trained on the encoder: "
            "the last layer alone, DLFA and the average at every layer.",
            **_KEPT,
        )
        source = st.text_input(
            "Lexicon",
            "sample",
            key="lexicon",
            help="`sample`, or words of your own: `table:FILE`, `afinn:FILE`, `vader:FILE`, `nrc-vad:FILE`, "
            "`nusax:FILE+SOURCE`.",
            **_KEPT,
        )
    with right:
        method = _method("Words of the lexicon scored by", "occlusion", "lexicon_method")
        limit = st.number_input(
            "Sentences at most", 20, limits().sentences, SENTENCES, step=20, key="lexicon_limit", **_KEPT
        )
    encoder = {"classifiers": tuple(classifiers)} if classifiers else {"model": model}
    return lexicon.Spec(**encoder, corpus=corpus, lexicon=source.strip() or "sample", method=method, limit=limit)


def how() -> dict[str, str]:
    """How texts are explained: the fields of a spec."""
    left, middle, right = st.columns(3, gap="large")
    with left:
        question = st.selectbox(
            "What is explained",
            list(QUESTIONS),
            key="question",
            accept_new_options=limits().any_model,
            help="The output of one label less that of another. "
            + ("Type others, such as `5 stars against 1 star`." if limits().any_model else ""),
            **_KEPT,
        )
    with middle:
        method = _method("Texts explained by", "integrated_gradients", "method")
    with right:
        baseline = st.segmented_control(
            "Held against",
            list(BASELINES),
            default="pad",
            required=True,
            key="baseline",
            help="What takes the place of the words: the padding piece, the mask piece, or zeros.",
            **_KEPT,
        )
    target, against = QUESTIONS.get(question) or _sides(question)
    return {"method": method, "baseline": baseline, "target": target, "against": against}


def _method(title: str, usual: str, key: str) -> str:
    known = attribute.models.METHODS
    return st.selectbox(
        title,
        list(METHODS),
        index=METHODS.index(usual),
        format_func=lambda name: known[name].label,
        key=key,
        help="\n\n".join(f"**{known[name].label}.** {known[name].explains}" for name in METHODS),
        **_KEPT,
    )


def _sides(question: str) -> tuple[str, str]:
    target, _, against = (part.strip() for part in question.partition(" against "))
    return target, against


def sentences_spec(model: str, spec: lexicon.Spec, asked_how: Mapping[str, str]) -> attribute.Spec:
    """Every word of the sentences of a comparison, explained by one model; in public as it ships."""
    usual = {"target": "positive", "against": "negative"}
    return attribute.Spec(model=model, corpus=spec.corpus, limit=spec.limit, **(usual if is_demo() else asked_how))


def system(labels: Sequence[str], first: int) -> int:
    """Which classifier is shown, as a place among `labels`."""
    if len(labels) == 1:
        return 0
    label = st.selectbox("Classifier", list(labels), index=first, key="classifier", **_KEPT)
    return list(labels).index(label)


def quantity() -> str:
    """What is drawn of the words."""
    return st.segmented_control(
        "Quantity",
        list(drawn.QUANTITIES),
        default="attribution",
        required=True,
        format_func=lambda name: drawn.QUANTITIES[name].label,
        key="lexicon_quantity",
        **_KEPT,
    )


def one_language(title: str, offered: Sequence[str], key: str) -> str:
    """One of the languages, or "all"."""
    return st.selectbox(title, ["all", *offered], format_func=language_name, key=key, **_KEPT)


def sentence(ids: Sequence[str]) -> str:
    """The id of the sentence that is shown."""
    return st.selectbox("Sentence", list(ids), key="shown", **_KEPT)


def corpus_sides(languages: Sequence[str], labels: Sequence[str]) -> list[tuple[str, str]]:
    """(language, what scores) left and right: English and a script from right to left where there are.

    Args:
        labels: names of the classifiers that score words of the lexicon only.
    """
    first = "eng" if "eng" in languages else languages[0]
    others = [code for code in languages if code != first]
    second = next((code for code in others if lang.find(code).direction == "rtl"), others[0] if others else first)
    offered = list(dict.fromkeys([MODELS[0], *labels]))
    sides = []
    for column, key, title, usual in zip(
        st.columns(2, gap="large"), ("left", "right"), ("Left", "Right"), (first, second), strict=True
    ):
        with column:
            code = st.selectbox(
                title,
                list(languages),
                index=list(languages).index(usual),
                format_func=language_name,
                key=f"lexicon_{key}",
                **_KEPT,
            )
            scored = st.selectbox(
                f"Scores, {key}",
                offered,
                format_func=model_name,
                key=f"scores_{key}",
                accept_new_options=limits().any_model,
                help="The bundled sentiment model scores every word; the classifiers above, words of the lexicon."
                + (" Type a folder or a hub id to have another model score every word." if limits().any_model else ""),
                **_KEPT,
            )
        sides.append((code, scored))
    return sides


def corpus_lines(
    spec: lexicon.Spec,
    asked_how: Mapping[str, str],
    result: lexicon.Result,
    sent_id: str,
    sides: Sequence[tuple[str, str]],
    labels: Sequence[str],
) -> str:
    """One sentence of the corpus in two languages, its words coloured; what is shown, as HTML that stands alone."""
    shown, corpus = [], corpora.read(spec.corpus)
    models = dict.fromkeys(scored for _, scored in sides if scored not in labels or scored in MODELS)
    explained = {
        model: ui_result(attribute, each, explained_in_words(each), slot=f"_every_{place}")
        for place, model in enumerate(models)
        for each in [sentences_spec(model, spec, asked_how)]
    }
    for code, scored in sides:
        text = corpus[code][corpus.ids.index(sent_id)]
        if scored in models:
            found = explained[scored]
            marks = None if found is None else drawn.explained_marks(found, code, sent_id)
            target, against = ("", "") if found is None or not len(found.texts) else _asked_of(found)
        else:
            marks = drawn.lexicon_marks(result, list(labels).index(scored), code, sent_id)
            target, against = result.meta["target"], result.meta["against"]
        shown.append((text, marks, code, model_name(scored), (target, against)))
    together = len({scored for _, scored in sides}) == 1  # one scale for one model, else each has its own
    scale = _largest(*(marks or () for _, marks, *_ in shown)) if together else None
    kept = []
    for column, (text, marks, code, name, asked_sides) in zip(st.columns(2, gap="large"), shown, strict=True):
        with column:
            kept.append(_marked(text, marks or (), code, scale, name))
            if marks is not None and not marks:
                st.caption("None of its words was scored: no word of the lexicon stands in it.")
            if marks:
                kept.append(_legend(*asked_sides))
    return f"<style>{markup.STYLE}</style>" + "".join(kept)


def explained(sides: Sequence[Side], asked_how: Mapping[str, str], start: bool) -> None:
    """Typed texts with their words coloured, and what changes from the left one to the right one."""
    specs = [typed_spec(side, asked_how) for side in sides]
    found = []
    for place, (column, spec) in enumerate(zip(st.columns(2, gap="large"), specs, strict=False)):
        with column:
            found.append(ui_result(attribute, spec, explained_in_words(spec), slot=f"_typed_{place}", start=start))
    if any(each is None for each in found):
        return
    marks = [drawn.explained_marks(each, side.language, "1") for each, side in zip(found, sides, strict=True)]
    same = len({(side.model, side.layer) for side in sides}) == 1
    scale = _largest(*marks) if same else None
    for column, side, each, own in zip(st.columns(2, gap="large"), sides, found, marks, strict=False):
        with column:
            where = "" if side.layer is None else f", at layer {side.layer}"
            _marked(side.text, own, side.language, scale, f"{model_name(side.model)}{where}")
            _legend(*_asked_of(each))
            aside(drawn.value_said(each.texts.iloc[0]))
            notes(each.meta["warnings"])
    if len(found) == 2:
        left, right = found
        rows = drawn.changes(left.words, right.words)
        aside(drawn.change_said(left.texts.iloc[0], right.texts.iloc[0], rows))
        changes_table(rows, (sides[0].language, sides[1].language))
    typed_downloads(found, specs)


def _asked_of(found: attribute.Result) -> tuple[str, str]:
    """Target and what it is held against, where they are the same for all texts; else empty."""
    sides = found.texts[["target", "against"]].drop_duplicates()
    return tuple(sides.iloc[0]) if len(sides) == 1 else ("", "")


def _marked(text: str, marks: Sequence[markup.Mark], language: str, largest: float | None, note: str) -> str:
    """A text with its language above and its words coloured; as HTML, shown and handed back."""
    body = (
        f'<p class="gated-language">{escape(language_name(language))} · {escape(note)}</p>'
        f"{markup.marked(text, marks, language, largest)}"
    )
    st.html(body)
    return body


def _legend(target: str, against: str) -> str:
    """What the colours mean; as HTML, shown and handed back."""
    line = markup.legend(target or "the label that is predicted", against or None)
    st.html(line)
    return line


def _largest(*sides: Sequence[markup.Mark]) -> float | None:
    """The largest score of all, so that a colour means the same on both sides."""
    return max((abs(mark.score) for marks in sides for mark in marks if mark.score == mark.score), default=None)


def typed() -> tuple[list[Side], bool]:
    """One or two typed texts, and whether their visitor has just asked for them."""
    with st.form("explain", border=False):
        sides = [
            _side(column, key, title)
            for column, key, title in zip(
                st.columns(2, gap="large"), ("left", "right"), ("Text", "Beside it"), strict=True
            )
        ]
        pressed = st.form_submit_button("Explain", type="primary")
    first, second = sides
    if not first.text:
        return [], False
    second = second._replace(text=second.text or first.text)
    return ([first] if second == first else [first, second]), pressed


def _side(column, key: str, title: str) -> Side:
    with column:
        text = st.text_input(
            title,
            key=f"text_{key}",
            max_chars=limits().characters,
            placeholder="Type a sentence in any language" if key == "left" else "The same with another word",
            help=None
            if key == "left"
            else "Change a word; or leave it empty, and choose another model, layer or method of the same text.",
            **_KEPT,
        )
        one, two, three = st.columns([2, 3, 2])
        code = one.selectbox(
            "Language",
            LANGUAGES,
            format_func=language_name,
            key=f"language_{key}",
            **_KEPT,
        )
        model = two.selectbox(
            "Model",
            list(MODELS) if limits().any_model else [MODELS[0]],
            format_func=model_name,
            key=f"model_{key}",
            accept_new_options=limits().any_model,
            help="Type a folder or a hub id of a classifier of texts." if limits().any_model else None,
            **_KEPT,
        )
        layer = three.number_input(
            "At layer",
            0,
            48,
            None,
            key=f"layer_{key}",
            placeholder="words",
            help="Where scores are given: at the words themselves, or at a layer, 0 = embeddings, k = output of block "
            "k. For methods with gradients.",
            **_KEPT,
        )
    return Side(" ".join(text.split())[: limits().characters], code, model, layer)


def typed_spec(side: Side, asked_how: Mapping[str, str]) -> attribute.Spec:
    """What explains one typed text."""
    return attribute.Spec(
        model=side.model, texts=(side.text,), languages=(side.language,), layer=side.layer, **asked_how
    )


def edit(text: str, language: str) -> None:
    """A button that puts a sentence into the form, to be changed."""
    st.button("Edit this sentence", key="edit", icon=":material/edit:", on_click=_prefill, args=(text, language))


def _prefill(text: str, language: str) -> None:
    for key in ("left", "right"):
        st.session_state[f"text_{key}"] = text[: limits().characters]
        st.session_state[f"language_{key}"] = language


def changes_table(rows: Sequence[drawn.Change], languages: tuple[str, str]) -> None:
    """Words of two texts side by side with the difference of their scores."""
    left, right = (lang.find(code) for code in languages)
    cells = "".join(
        f"<tr>{_word_cell(row.left, left)}<td>{_number(row.left_score)}</td>"
        f"{_word_cell(row.right, right)}<td>{_number(row.right_score)}</td>"
        f'<td class="layer">{_number(row.by)}</td></tr>'
        for row in rows
    )
    _table(("Left", "Score", "Right", "Score", "Right − left"), cells, "best narrow")


def _word_cell(word: str | None, language: lang.Language) -> str:
    if word is None:
        return "<td>–</td>"
    return f'<td lang="{escape(language.bcp47)}" dir="{language.direction}">{escape(word)}</td>'


def _number(score: float | None) -> str:
    return "–" if score is None else markup.signed(score)


def words_table(words: pd.DataFrame, most: int = 30) -> None:
    """Words that disagree with the lexicon, each with links to the sentences that it stands in."""
    rows = "".join(_words_row(row) for row in words.head(most).itertuples())
    _table(("Word", "Language", "Lexicon says", "Mean score", "Wrong sign", "Found", "Sentences"), rows)


def _table(titles: Sequence[str], rows: str, kind: str = "best") -> None:
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in titles)
    body = f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
    st.html(f'<div class="scroll"><table class="{kind}">{body}</table></div>')


def _words_row(row) -> str:
    language = lang.find(row.language)
    links = " ".join(
        f'<a href="{escape(sentence_link(row.language, sent_id))}" target="_self">{escape(sent_id)}</a>'
        for sent_id in row.ids.split()
    )
    return (
        f'<tr><th scope="row" lang="{escape(language.bcp47)}" dir="{language.direction}">{escape(row.lemma)}</th>'
        f"<td>{escape(language.name)}</td><td>{escape(row.polarity)} ({row.valence:+.1f})</td>"
        f"<td>{markup.signed(row.score)}</td><td>{100 * row.wrong:.0f} %</td><td>{row.count}</td>"
        f'<td class="links">{links}</td></tr>'
    )


def sentence_link(language: str, sent_id: str) -> str:
    """The address of this page with a sentence shown, and everything else as it is."""
    kept = {key: st.query_params.get_all(key) for key in st.query_params}
    return "?" + urlencode(kept | {"shown": sent_id, "lexicon_left": lang.find(language).name}, doseq=True)


def coverage_table(coverage: pd.DataFrame) -> None:
    """How much of the lexicon each language's sentences have."""
    every = coverage[coverage["polarity"] == "all"].set_index("language")
    rows = []
    for code in lang.family_order(every.index):
        row, own = every.loc[code], coverage[coverage["language"] == code].set_index("polarity")["matches"]
        numbers = [row["lemmas"], row["found"], *(own[name] for name in ("positive", "neutral", "negative"))]
        cells = [*(f"{number:,}" for number in numbers), f"{row['sentences']:,} of {row['n']:,}"]
        name = f'<th scope="row">{escape(lang.find(code).name)}</th>'
        rows.append(f"<tr>{name}{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    titles = ("Language", "Listed", "Found", "Positive", "Neutral", "Negative", "Sentences with one")
    _table(titles, "".join(rows), "best narrow")


def typed_downloads(results: Sequence[attribute.Result], specs: Sequence[attribute.Spec]) -> None:
    """The typed texts as a page that runs no script, their words as a table, and the commands."""
    with st.container(horizontal=True):
        st.download_button(
            "Texts as HTML",
            lambda: attribute.page_of(results),
            "explained.html",
            "text/html",
            key="download_typed_html",
            icon=":material/download:",
            on_click="ignore",
            help="One file that needs no network and runs no script.",
        )
        st.download_button(
            "Words as CSV",
            lambda: _words_of(results).to_csv(index=False).encode(),
            "explained-words.csv",
            "text/csv",
            key="download_typed_words",
            icon=":material/table:",
            on_click="ignore",
        )
    st.caption("The same numbers from the command line:")
    commands = "\n".join(command_line(store.name_of(attribute), spec) for spec in specs)
    st.html(f'<pre class="command"><code>{escape(commands)}</code></pre>')


def _words_of(results: Sequence[attribute.Result]) -> pd.DataFrame:
    sides = zip(("left", "right"), results, strict=False)
    return pd.concat(
        [each.words.assign(side=side, model=each.meta["model"], layer=each.meta["layer"]) for side, each in sides],
        ignore_index=True,
    )


def in_words(spec: lexicon.Spec) -> str:
    """What comparing would do."""
    corpus = corpora.read(spec.corpus)
    n = min(len(corpus), spec.limit or len(corpus))
    who = (
        " and ".join(map(model_name, spec.classifiers))
        or f"{choices.model_name(spec.model)}, with heads for every layer trained on it,"
    )
    return f"{who} would score the words of the lexicon in {n:,} sentences of “{corpus.name}”, in every language."


def explained_in_words(spec: attribute.Spec) -> str:
    """What explaining would do."""
    if spec.texts:
        return f"{model_name(spec.model)} would explain the text that you typed."
    corpus = corpora.read(spec.corpus)
    n = min(len(corpus), spec.limit or len(corpus))
    return (
        f"{model_name(spec.model)} would explain every word of {n:,} sentences of “{corpus.name}” "
        f"in {len(corpus.languages)} languages."
    )


def provenance(spec: lexicon.Spec, result: lexicon.Result) -> dict[str, str]:
    """What a result was computed from, for the page that is taken home."""
    meta = result.meta
    trained = f"heads on {meta['model']}, trained on {meta['task']} in {meta['source_language']}"
    return {
        "Classifiers": ", ".join(meta["classifiers"]) or trained,
        "Scores": f"{meta['method_label']}, {meta['target']} against {meta['against']}, baseline {meta['baseline']}",
        "Lexicon": meta["lexicon_name"],
        "Sentences": f"{meta['corpus_name']}, n = {meta['n']:,}",
        "Languages": ", ".join(meta["languages"]),
        "Licences": meta["licence"],
        "Key": store.key_of(lexicon, spec),
        "Command": command_line(store.name_of(lexicon), spec),
        **{f"Note {i}": text for i, text in enumerate(meta["warnings"], 1)},
    }


@st.cache_resource(show_spinner=False)
def prepare() -> None:
    """Have a worker with the bundled model in it before somebody types, where there is such a model."""
    spec = typed_spec(Side(WARMING, "eng", MODELS[0], None), {})
    try:
        store.key_of(attribute, spec)
    except (ValueError, OSError):
        return
    jobs.prepare([(attribute, spec)])
