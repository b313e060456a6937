"""Make the bundled encoder again: unpack, keep 40,000 subwords, train on with the whole encoder as the teacher.

    python -m demo_encoder.rebuild DATA OUT

DATA is a folder with the texts `pretrain`, the translations `parallel` and `tatoeba`. OUT gets a folder for each step:
`e5`, `e5-40k`, `encoder`. A run that was stopped goes on where it was. Two cores take about two hours.
"""

from contextlib import chdir
from pathlib import Path

import tyro

from demo_encoder import convert
from dlfa_core.experiments import pretrain, shrink
from dlfa_core.runtime import store
from dlfa_core.runtime.progress import Progress, bar, span

LEFT_OUT = ("kab", "rw", "lg")  # languages of the text that the encoder has few subwords of
LANGUAGES = (
    "ar bg ca cs cy de el en es et eu fa fi fr hi hu id it ja ka kk ko lv mn mt nl pa pl pt ro ru sv sw ta te th tr tt "
    "uk ur vi zh"
)
WITH_ENGLISH = (
    "ara bul cat ces cym deu ell spa est eus pes fin fra hin hun ind ita jpn kat kor lvs mon nld por ron rus swe swh "
    "tam tel tur tat ukr urd vie cmn"
)
NTREX, SIB = "table:parallel/ntrex128.tsv.xz", "table:parallel/sib200-40langs.tsv.xz"


def shrinking(out: Path) -> shrink.Spec:
    """Return how the subwords are chosen; paths of texts are relative to the data."""
    return shrink.Spec(
        out=str(out / "e5-40k"),
        model=str(out / "e5"),
        text="pretrain",
        corpora=(NTREX, SIB),
        without=LEFT_OUT,
        text_limit=3_000_000,
        size=40_000,
        character_count=3,
        head=True,
        half=True,
    )


def training(out: Path) -> pretrain.Spec:
    """Return how the smaller encoder is trained on; paths of texts are relative to the data."""
    return pretrain.Spec(
        out=str(out / "encoder"),
        start=str(out / "e5-40k"),
        teacher=str(out / "e5"),
        teacher_blocks=8,
        teacher_weight=20.0,
        text="pretrain",
        parallel=(NTREX, *(f"tatoeba:tatoeba/{code}-eng.tsv.xz" for code in WITH_ENGLISH.split())),
        languages=tuple(LANGUAGES.split()),
        dev_sentences=100,
        watch=SIB,
        watch_limit=100,
        keep="mlm_loss",
        least_retrieval=0.85,
        rank_layer=0,
        steps=1_200,
        tokens=3_072,
        lr=8e-4,
        embedding_rate=0.4,
        taught_rate=0.3,
        mask_rate=0.3,
        translated=0.2,
        check_every=400,
    )


def main(data: tyro.conf.Positional[Path], out: tyro.conf.Positional[Path]) -> None:
    """Take the three steps, or those that are left of them.

    Args:
        data: folder of the texts.
        out: folder for what comes out of each step.
    """
    out = out.expanduser().resolve()
    if not (out / "e5" / "model.safetensors").is_file():
        convert.main(out / "e5")
    with chdir(data), bar() as progress:
        rebuild(out, progress)


def rebuild(out: Path, progress: Progress) -> pretrain.Result:
    """Shrink and train what lies unpacked in `out`; the working folder is that of the data."""
    store.fetch(shrink, shrinking(out), span(progress, 0.0, 0.02))
    return store.fetch(pretrain, training(out), span(progress, 0.02, 1.0))


if __name__ == "__main__":
    tyro.cli(main)
