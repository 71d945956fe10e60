"""Names of people in a text: listed ones, what is written as a name, and what a sentence says is one."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from . import words

NAME = "name"

_WORD = re.compile(r"[^\W\d_]+(?:['’´-][^\W\d_]+){0,3}(?:['’](?!\w))?")
#: How a sentence, a line or a quotation begins: what stands there has a capital whatever it is.
_BEGINS = re.compile(r"(?:^|[.!?:;•*\n\r–”\"“(]|\s-)\s{0,3}$")
#: Last names by how they end; sure enough alone.
_SURE_END = re.compile(
    r"(?:[^s]sson|sdotter|ović|ovic|ević|evic|oğlu|oglu|zadeh|nejad|escu|enko|shvili|opoulos|ovski|ovska|ewski|ewska|owski|owska"
    r"|qvist|kvist|stedt)s?$"
)
#: Last names by how they end, when they follow a name.
_NAME_END = re.compile(
    r"(?:son|sen|bergh?|ström|gren|lund|man|dahl|ander|mark|lind|holm|blad|löf|löv|roth|strand|vall|wall|fors|fel[dt]t|ell|én"
    r"|in|ić|ic|ski|ska|nen|yan|ian|pour|ez|es|oğlu|i|a|o|u|y)s?$"
)
_PLACE_END = re.compile(
    r"(?:torget|torg|gatan|vägen|gränd|allén|stigen|parken|skolan|gymnasiet|hallen|centrum|kyrkan|kyrka|stationen|bron|badet|ängen"
    r"|köping|stad|staden|sjö|sjön|udden|holmen|åsen|backen|gården|området|huset|palatset|gallerian|galleria|arena|planen"
    r"|kvarteret|höjden|dalen|hagen|lunda|hälla|sta|tuna|berga|inge|arp|rud|boda|hult|näs|hamn|hamnen|viken|slätt|land|län"
    r"|bygden|torp|löt|ryd|sund|vik|kulle|skogen|bruk|fjärden|byn|gård|bäck|sätter|bolaget|verket|polisen|tjänsten|föreningen"
    r"|by|motet|leden|rondellen|vallen|brunn|kommun|kommunen|nämnden|myndigheten|rådet|gruppen|trafiken|posten|bladet|kuriren|nytt|banken|mässan|loppet|dagen|veckan"
    r"|cupen|serien)s?$"
)

_STREET_WORDS = frozenset(
    {"väg", "gata", "gränd", "plats", "torg", "park", "allé", "stig", "backe", "kyrka", "tvärgata", "by"}
)


@dataclass(frozen=True)
class _Token:
    start: int
    end: int
    word: str
    begins: bool

    @property
    def capital(self) -> bool:
        return self.word[0].isupper()


def _tokens(text: str) -> list[_Token]:
    out = []
    for match in _WORD.finditer(text):
        start = match.start()
        out.append(
            _Token(
                start,
                match.end(),
                match[0],
                bool(_BEGINS.search(text[max(0, start - 5) : start]) if start > 5 else _BEGINS.search(text[:start])),
            )
        )
    return out


def _bare(word: str, *lists: Collection[str]) -> str:
    """Small letters without the genitive's s where the word is known without it."""
    low = word.casefold().rstrip("'’´").replace("’", "'")
    if low.endswith(("'s", ":s")):
        low = low[:-2]
    if not any(low in known for known in lists) and low.endswith("s") and any(low[:-1] in known for known in lists):
        return low[:-1]
    return low


class _Reader:
    """One text and what is known of its words."""

    def __init__(self, text: str, places: Collection[str]) -> None:
        self.text, self.lists, self.tokens = text, words.lists(), _tokens(text)
        # A place of several words is known by each of them that is no name: "Anna Exempels plats" excuses no Anna.
        parts = {part for place in places for part in _WORD.findall(place.casefold())}
        self.here = parts - self.lists.first - self.lists.last

    def is_first(self, token: _Token) -> bool:
        known = self.lists.first
        low = _bare(token.word, known)
        return low in known or ("-" in low and any(part in known and len(part) > 2 for part in low.split("-")))

    def is_last(self, token: _Token) -> bool:
        known = self.lists.last
        low = _bare(token.word, known)
        return low in known or (
            "-" in low and all(part in known or part in self.lists.first for part in low.split("-"))
        )

    def also_word(self, token: _Token) -> bool:
        return _bare(token.word, self.lists.first, self.lists.last) in self.lists.also_words

    def known_otherwise(self, token: _Token) -> bool:
        """A place, an organisation, a day: anything with a capital that is not a person."""
        lists = self.lists
        low = _bare(token.word, lists.places, lists.others, self.here)
        if low in lists.others or low in lists.ordinary or low in self.here:
            return True
        if low in lists.places:
            return not (self.is_first(token) or self.is_last(token))
        if "-" in token.word and len(token.word.split("-")[0]) == 1:
            return True
        # Words of capitals only are short for something, however they are bent.
        return (len(token.word) <= 5 and token.word.isupper()) or (
            any(letter.isupper() for letter in token.word[1:3])
            and not token.word.startswith(("Mc", "O'", "D'", "Mac", "Al-", "El-"))
        )

    def is_place(self, token: _Token) -> bool:
        return _bare(token.word, self.lists.places) in self.lists.places

    def like_place(self, token: _Token) -> bool:
        return bool(_PLACE_END.search(token.word.casefold())) and not self.is_last(token) and not self.is_first(token)

    def beside(self, index: int) -> bool:
        """Whether only a blank (or an initial) stands between a word and the next."""
        between = self.text[self.tokens[index].end : self.tokens[index + 1].start]
        return between in {" ", "\xa0"}

    def before(self, index: int) -> str:
        """The word before in the same sentence, in small letters; empty where the sentence begins."""
        return "" if index <= 0 or self.tokens[index].begins else self.tokens[index - 1].word.casefold()

    def after_a_place_word(self, index: int) -> bool:
        """Whether a place follows: "i Nora", "i höjd med Nora", "region Nord"."""
        before = self.before(index)
        if before in self.lists.after_place or before in self.lists.place_words:
            return True
        return before in {"med", "av", "om"} and self.before(index - 1) in self.lists.place_words

    def names_a_street(self, end: int) -> bool:
        """Whether what follows makes it a street or a church: "Nils Exempelssons väg"."""
        return (
            end < len(self.tokens)
            and self.beside(end - 1)
            and (self.tokens[end].word.casefold() in _STREET_WORDS or self.like_place(self.tokens[end]))
        )


def spans(text: str, places: Collection[str] = ()) -> list[tuple[int, int]]:
    """Half-open spans of characters that look like people's names, in the order of the text."""
    reader = _Reader(text, places)
    tokens, found, index = reader.tokens, [], 0
    while index < len(tokens):
        stop = _name_at(reader, index)
        if stop > index:
            found.append((tokens[index].start, tokens[stop - 1].end))
            index = stop
        else:
            index += 1
    return found


def _name_at(reader: _Reader, index: int) -> int:
    """Where the name that begins at this word ends (the index after it); the index itself where none begins."""
    token = reader.tokens[index]
    if not token.capital:
        return _small_name_at(reader, index)
    end = _run(reader, index)
    first, last = reader.is_first(token), reader.is_last(token)
    if reader.known_otherwise(token) and not (first and end > index + 1):
        return index
    # A street's name is no person's: "Kungsgatan", and "Anna Lindhs plats" is left to the rule of addresses.
    if reader.like_place(token) or reader.names_a_street(end):
        return index
    sure = [position for position in range(index, end) if _listed(reader, position)]
    if first or last:
        if end == index + 1 and reader.is_place(token) and reader.after_a_place_word(index):
            return index
        if end == index + 1 and reader.also_word(token):
            return end if _about_a_person(reader, index, end) and not token.begins else index
        # A last name that is a place too ("i Lund", "vid Berg") stands alone after a word of place.
        if end == index + 1 and last and not first and reader.after_a_place_word(index):
            return index
        if end == index + 1 and token.begins and not first:
            return end if end < len(reader.tokens) and reader.tokens[end].word in reader.lists.does else index
        return end
    if sure:
        # The capitalised word before a listed name belongs to it, unless it only begins the sentence.
        ordinary = token.begins and token.word.casefold() in reader.lists.ordinary
        return index if ordinary else end
    if _SURE_END.search(token.word.casefold()) and not (token.begins and len(token.word) < 6):
        return end
    if end - index >= 2 and not (token.begins and token.word.casefold() in reader.lists.ordinary):
        return end if _pair(reader, index, end) else index
    if not token.begins and len(token.word) > 2 and _alone(reader, index):
        return end
    return index


def _listed(reader: _Reader, index: int) -> bool:
    token = reader.tokens[index]
    return reader.is_first(token) or reader.is_last(token) or bool(_SURE_END.search(token.word.casefold()))


def _run(reader: _Reader, index: int) -> int:
    """The capitalised words that follow on a word, at most four, with von, de, al between; the index after them."""
    tokens, end = reader.tokens, index + 1
    while end < len(tokens) and end - index < 5 and reader.beside(end - 1):
        word = tokens[end]
        if word.capital and not word.begins and not reader.like_place(word):
            if reader.known_otherwise(word) and not _listed(reader, end):
                break
            end += 1
        elif (
            word.word in reader.lists.between
            and end + 1 < len(tokens)
            and reader.beside(end)
            and tokens[end + 1].capital
        ):
            end += 2
        else:
            break
    return end


def _pair(reader: _Reader, index: int, end: int) -> bool:
    """Whether capitalised words that no list knows are somebody's names."""
    words = reader.tokens[index:end]
    if len(words) > 4 or any(reader.is_place(word) for word in words):
        return False
    if reader.after_a_place_word(index):
        # As likely a place: how names end decides, and "utanför Nora Exempelssons port".
        last = words[-1].word.casefold()
        owns = last.endswith("s") and end < len(reader.tokens) and reader.beside(end - 1)
        return bool(_NAME_END.search(last)) or (owns and reader.tokens[end].word.islower())
    return all(len(word.word) > 1 for word in words)


def _alone(reader: _Reader, index: int) -> bool:
    """Whether one word with a capital inside a sentence, which no list knows, is somebody's name."""
    if reader.after_a_place_word(index):
        return False
    before = reader.tokens[index - 1] if index else None
    if before is None:
        return True
    if before.word.casefold() in {"och", "eller", "samt"} and index >= 2:
        # "Nyfors och Skiftinge": what one is, the other is.
        return not _somewhere(reader, index - 2)
    between = reader.text[before.end : reader.tokens[index].start]
    if "," in between:
        # "Larm om brand, Nyfors." tells where.
        last = index + 1 == len(reader.tokens) or reader.tokens[index + 1].begins
        return not last and not _somewhere(reader, index - 1)
    return not (between in {" ", "\xa0"} and before.capital and _somewhere(reader, index - 1) and not before.begins)


def _somewhere(reader: _Reader, index: int) -> bool:
    """Whether a word is a place, by itself or by what stands before it."""
    token = reader.tokens[index]
    return reader.known_otherwise(token) or reader.like_place(token) or reader.after_a_place_word(index)


def _about_a_person(reader: _Reader, index: int, end: int) -> bool:
    """Whether a name that is a word too stands as a name: after "killen" or "heter", or before what people do."""
    if reader.after_a_place_word(index):
        return False
    before = reader.before(index)
    if before in reader.lists.called or before in reader.lists.person:
        return _alone(reader, index)
    follows = reader.tokens[end] if end < len(reader.tokens) else None
    return follows is not None and not follows.begins and follows.word in reader.lists.does


def _small_name_at(reader: _Reader, index: int) -> int:
    """Names in small letters: listed ones that are no ordinary words, and whatever follows "heter"."""
    tokens, token = reader.tokens, reader.tokens[index]
    low = _bare(token.word, reader.lists.first)
    called = (reader.before(index) in reader.lists.called and reader.before(index - 1) != "så") or (
        reader.before(index) == "namn"
        or (index > 1 and reader.before(index) == "är" and tokens[index - 2].word.casefold() in {"namn", "namnet"})
    )
    first = (
        reader.is_first(token)
        and not reader.also_word(token)
        and low not in reader.lists.ordinary | reader.lists.others
        and len(low) > 2
    )
    ordinary = low in reader.lists.ordinary or low in reader.lists.others
    if not first and not (called and not ordinary and len(token.word) > 2 and not _PLACE_END.search(low)):
        return index
    end = index + 1
    while end < len(tokens) and end - index < 3 and reader.beside(end - 1):
        follower = tokens[end]
        listed = _listed(reader, end) and follower.word.casefold() not in reader.lists.ordinary
        if not listed and not follower.capital:
            break
        if (
            listed
            and not follower.capital
            and reader.also_word(follower)
            and follower.word.casefold() in {"ska", "dag", "per", "av"}
        ):
            break
        end += 1
    return end
