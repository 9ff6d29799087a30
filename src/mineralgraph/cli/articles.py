"""Finding an article's text from what a curator types: a slug of data/articles/, or a text file.

Works on half-written files too, because a curator cites while writing.
"""

from __future__ import annotations

import re
from pathlib import Path

from mineralgraph import opening
from mineralgraph.errors import NotFound, SettingsError
from mineralgraph.intake.corpus import Corpus
from mineralgraph.settings import Settings

# The one line of a TriG file that ties it to a text. Looked for by pattern and not by parsing:
# the file need not be whole yet when its author looks for the next span.
_DIGEST = re.compile(r'mg:textDigest\s+"(sha256:[0-9a-f]{64})"')


def article_files(settings: Settings) -> dict[str, Path]:
    """Return slug → TriG file of the articles in the data folder."""
    folders = [source for source in opening.sources(settings) if source.is_dir()]
    return {p.stem: p for folder in folders for p in sorted(folder.rglob("articles/**/*.trig"))}


def text_of(article: str, settings: Settings) -> str:
    """Return the text of an article.

    Args:
        article: the slug of a file in data/articles/, or the path of a text.
        settings: where data and texts are.

    Raises:
        NotFound: when there is no such article.
        SettingsError: when its text is not at hand.
    """
    if article.endswith(".txt"):
        return _read(Path(article), settings)
    files = article_files(settings)
    if article not in files:
        raise NotFound(
            f"there is no article {article!r} in data/articles",
            hint=f"There are {', '.join(files) or 'none'}; the path of a .txt file does too.",
        )
    if settings.corpus is None:
        raise SettingsError(
            "the article texts are not at hand",
            hint="Name their folder with --corpus or MINERALGRAPH_CORPUS.",
        )
    found = _DIGEST.search(files[article].read_text(encoding="utf-8"))
    text = Corpus(settings.corpus).text(found[1]) if found else None
    if text is None:
        raise NotFound(
            f"no text in {settings.corpus} has the digest that {files[article].name} states",
            hint="`mineralgraph describe FILE.txt` prints the digest of a text.",
        )
    return text


def _read(path: Path, settings: Settings) -> str:
    beside = settings.corpus / path if settings.corpus else path
    for candidate in (path, beside):
        if candidate.is_file():
            return candidate.read_bytes().decode("utf-8")
    raise NotFound(f"there is no file {path}", hint="Give its path, or its name in the corpus.")
