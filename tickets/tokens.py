"""Search words for Chinese: single characters and adjacent pairs, the same on every database.

Two-character words carry most queries and trigram indexes cannot find them, so a text is indexed by its
bigrams (and unigrams, for one-character queries). Tokens narrow, a substring test decides.
"""

import re
import unicodedata

MAX_QUERY = 500
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Return `text` as it is compared: compatibility forms and case folded (ABC = abc = Ａｂｃ)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def index_tokens(text: str) -> frozenset[str]:
    """Return every token under which `text` is found."""
    tokens: set[str] = set()
    for run in _WORD.findall(fold(text)):
        tokens.update(run)
        tokens.update(_pairs(run))
    return frozenset(tokens)


def query_terms(query: str) -> tuple[str, ...]:
    """Return the distinct words of `query`, folded; each has to occur in a text that is found."""
    return tuple(dict.fromkeys(_WORD.findall(fold(query[:MAX_QUERY]))))


def term_tokens(term: str) -> tuple[str, ...]:
    """Return the tokens that any text containing `term` has."""
    return tuple(dict.fromkeys(_pairs(term))) if len(term) > 1 else (term,)


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]
