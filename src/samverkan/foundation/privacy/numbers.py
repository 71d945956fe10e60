"""What is written by a rule: identity numbers, birth dates, telephones, plates, accounts, addresses, user names.

Every pattern is bounded, so that its time grows with the text and not with its square.
"""

from __future__ import annotations

import ipaddress
import re
from bisect import bisect_left
from collections.abc import Iterator
from datetime import date

from stdnum import luhn

from . import words

IDENTITY, BIRTH, PHONE, PLATE, EMAIL = "identity", "birth", "phone", "plate", "email"
ADDRESS, BANK, IP, USERNAME = "address", "bank", "ip", "username"

_L = "A-Za-zÅÄÖåäöÉéÈèÜüÆæØø"
_S = r"[ \xa0]"  # ordinary or no-break

# --- identity numbers and birth dates -----------------------------------------------------------------------------

_IDENTITY = re.compile(
    r"(?<![\d+])(\d{2})?(\d{2})(\d{2})(\d{2})[ \xa0]?([-+–]?)[ \xa0]?(\d{4}|[A-Za-zÅÄÖåäö]\d{3})(?!\d)"
)
_APART = re.compile(r"(?<!\d)(?:19|20)\d{2}[-./ ]\d{2}[-./ ]\d{2}[ ]?[-–]?[ ]?\d{4}(?!\d)")
_HIDDEN = re.compile(r"(?<!\d)(?:\d{2})?\d{6}[ ]?[-+–]?[ ]?(?:X{4}|x{4}|\*{4}|\?{4}|N{4}|_{4})")
#: A mobile number written as one: 070, 072, 073, 076, 079 and seven digits.
_MOBILE = re.compile(r"07[02369]\d{7}")
_MONTH = "januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december"
_SHORT_MONTH = "jan|feb|mar|apr|jun|jul|aug|sept?|okt|nov|dec"
_DAY = (
    r"(?:(?:19|20)?\d{2}[-./ ]\d{1,2}[-./ ]\d{1,2}|\d{1,2}[-./] ?\d{1,2}[-./ ] ?(?:19|20)?\d{2}|\d{8}|\d{6}"
    rf"|\d{{1,2}}(?::?e)? (?:{_MONTH}|(?:{_SHORT_MONTH})\.?)(?:,? (?:19|20)\d{{2}}| [-’']?\d{{2}}(?!\d))?"
    r"|\d{1,2}/\d{1,2}(?:[- /](?:19|20)?\d{2})?)"
)
_BORN = re.compile(
    r"\b(?:(?:född|födde?s|f\.|födelsedatum|födelsedag|födelsedata|födelsetid|fdat|personnr|pnr|fyllde år|fyller år)"
    rf"[ :]{{1,2}}(?:är |den |datum |i )?(?:{_DAY}|[-’']\d{{2}}(?!\d)|(?:19|20)\d{{2}}(?!\d))|födda {_DAY})",
    re.IGNORECASE,
)
#: Reports are about this year and the last: a date of another time is when somebody was born.
_OLD_DATE = re.compile(r"(?<![\d-])(19[2-9]\d|200\d|201[0-2])[-./]?(\d{2})[-./]?(\d{2})(?![\d-])")
_SIX = re.compile(r"(?<![\d-])([3-9]\d)(\d{2})(\d{2})(?![\d%-]|[ ]?(?:kr|kronor|st|m|km|kvm))")


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _is_short_date(year: str, month: str, day: str) -> bool:
    return _is_date(2000 + int(year) if int(year) % 4 == 0 else 1900 + int(year), int(month), int(day))


def _without_sixty(day: str) -> str:
    """The day of a coordination number, which is written 60 higher."""
    return f"{int(day) - 60:02}" if int(day) > 60 else day


def is_identity_number(text: str) -> bool:
    """A personal identity number or coordination number (day + 60), by date and check digit.

    Numbers with a letter for the fourth-last digit (temporary ones given in health care) count by date alone.
    """
    match = _IDENTITY.fullmatch(text.strip())
    if not match:
        return False
    _century, year, month, day, _sign, last = match.groups()
    if not _is_short_date(year, month, _without_sixty(day)):
        return False
    return not last.isdigit() or luhn.is_valid(year + month + day + last)


def _is_written_as_one(match: re.Match[str]) -> bool:
    """A date of birth with four digits after it, as such numbers are written: a slip of the pen still points at somebody."""
    century, year, month, day, sign, last = match.groups()
    if not last.isdigit() or not _is_short_date(year, month, _without_sixty(day)):
        return False
    return century in {"18", "19", "20"} or (century is None and sign != "")


def _identities(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _IDENTITY.finditer(text):
        # Ten digits in one that begin as a mobile number are one: whoever means the other writes the hyphen.
        if _MOBILE.fullmatch(match[0]):
            continue
        if is_identity_number(match[0]) or _is_written_as_one(match):
            yield *match.span(), IDENTITY
    for pattern in (_APART, _HIDDEN):
        for match in pattern.finditer(text):
            digits = re.sub(r"\D", "", match[0])
            born = digits[2:8] if len(digits) in {8, 12} else digits[:6]
            if _is_short_date(born[:2], born[2:4], _without_sixty(born[4:])):
                yield *match.span(), IDENTITY


def _births(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _BORN.finditer(text):
        yield *match.span(), BIRTH
    for match in _OLD_DATE.finditer(text):
        if _is_date(int(match[1]), int(match[2]), int(match[3])):
            yield *match.span(), BIRTH
    for match in _SIX.finditer(text):
        if _is_short_date(match[1], match[2], match[3]):
            yield *match.span(), BIRTH


# --- telephones ---------------------------------------------------------------------------------------------------

_PHONE = re.compile(
    r"(?<![\d+])(?:(?:\+|00)46[\s()-]{0,3}(?:\(0\)|0)?[\s-]{0,2}|\(?0)[1-9](?:[\s()/–-]{0,3}\d){6,9}(?!\d)"
)
_ABROAD = re.compile(r"(?<![\d+])(?:\+|00)[1-9]\d{0,2}(?:[\s()-]{0,2}\d){7,12}(?!\d)")


def _phones(text: str) -> Iterator[tuple[int, int, str]]:
    for pattern in (_PHONE, _ABROAD):
        for match in pattern.finditer(text):
            yield *match.span(), PHONE


# --- plates -------------------------------------------------------------------------------------------------------

# Three letters of those used, two digits and a digit or letter; spaced or not.
_PLATE = re.compile(
    r"(?<![A-Za-zÅÄÖåäö0-9])([A-HJ-PR-UW-Za-hj-pr-uw-z]{3})([ \xa0\xad-]?)\d{2}[0-9A-HJ-NPR-UW-Za-hj-npr-uw-z]"
    r"(?![A-Za-zÅÄÖåäö0-9])"
)
#: Written in capitals before a number, and no plate.
_LETTERS_OF_OTHERS = frozenset({"SOS", "ISO", "LVU", "LVM", "LSS", "SEK", "EUR", "USD", "DKK", "NOK"})
_NORDIC = re.compile(
    r"(?<![\w-])(?:[A-Z]{2} ?\d{5}|[A-Z]{2} \d{2} ?\d{3}|[A-ZÅÄÖ]{2,3}-\d{1,3}|[A-ZÄÖÜ]{1,3}[- ][A-Z]{1,2} ?\d{3,4}[EH]?"
    r"|[A-Z]{2}\d{2} ?[A-Z]{3}|[A-Z]{2}-\d{2,3}-[A-Z]{2}|\d{2}-[A-Z]{2,3}-\d{1,2}|[A-Z]{1,2}-\d{3}-[A-Z]{1,2}"
    r"|\d{3} ?[A-Z]{3}|[A-Z]{2}-\d{3}-[A-Z]{2}|[A-Z]{1,2} \d{2,3} [A-Z]{3})(?![\w-])"
)
_FOREIGN_WORDS = re.compile(
    r"\b(?:reg\.? ?(?:nr|nummer|skylt)|registreringsnummer|registreringsskylt|registrerad\w{0,2}|\w{1,20}registrerad\w{0,2}|skylt\w{0,4}|nummerplåt\w{0,2}"
    r"|plåt\w{0,4}|norsk\w?|dansk\w?|finsk\w?|polsk\w?|tysk\w?|litauisk\w?|lettisk\w?|estnisk\w?|rumänsk\w?|bulgarisk\w?|brittisk\w?|engelsk\w?"
    r"|holländsk\w?|nederländsk\w?|fransk\w?|italiensk\w?|spansk\w?|ungersk\w?|tjeckisk\w?|ukrainsk\w?|utländsk\w?)\b",
    re.IGNORECASE,
)
_ANY_PLATE = re.compile(
    r"(?<![\w-])(?=[A-ZÅÄÖ0-9 -]{0,9}\d)(?=[0-9 -]{0,6}[A-ZÅÄÖ])[A-ZÅÄÖ0-9]{1,4}(?:[ -]?[A-ZÅÄÖ0-9]{1,5}){1,2}(?![\w-])"
)


def _plates(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _PLATE.finditer(text):
        word, between = match[1], match[2]
        small, other = word.islower() or word.istitle(), words.lists().no_plate
        if between and match[0][-1].isdigit() and (word.lower() in other if small else word in _LETTERS_OF_OTHERS):
            continue
        yield *match.span(), PLATE
    contexts = [match.end() for match in _FOREIGN_WORDS.finditer(text)]
    if not contexts:
        for match in _NORDIC.finditer(text):
            if _looks_nordic(match[0]):
                yield *match.span(), PLATE
        return
    for pattern, far in ((_NORDIC, None), (_ANY_PLATE, 60)):
        for match in pattern.finditer(text):
            near = _near(contexts, match.start(), 60, 0)
            if near or (far is None and _looks_nordic(match[0])):
                yield *match.span(), PLATE


def _near(points: list[int], at: int, before: int, after: int) -> bool:
    """Whether one of the points, in order, lies at most so many characters before or after a place."""
    nearest = bisect_left(points, at - before)
    return nearest < len(points) and points[nearest] <= at + after


def _looks_nordic(written: str) -> bool:
    """Without a word about plates near: only forms that hardly anything else has."""
    letters = re.match(r"[A-ZÅÄÖÜ]{0,3}", written)
    if letters and letters[0] in {"SE", "EU", "FN", "NR", "AB", "HB", "TV", "PC", "IT", "BF", "DNR"}:
        return False
    return bool(
        re.fullmatch(
            r"[A-Z]{2} ?\d{5}|[A-Z]{2} \d{2} ?\d{3}|[A-Z]{2}\d{2} ?[A-Z]{3}|[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} ?\d{3,4}[EH]?",
            written,
        )
    )


# --- accounts -----------------------------------------------------------------------------------------------------

_IBAN = re.compile(
    r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ \xa0]?[A-Z0-9]{4}){3,7}(?:[ \xa0]?[A-Z0-9]{1,4})?(?![A-Za-z0-9])"
)
_ACCOUNT = re.compile(
    r"\b(?:bank)?(?:konto(?:t|nummer|numret|nr)?|clearing(?:nummer|nr)?|bankgiro(?:t|nummer)?|plusgiro(?:t|nummer)?|postgiro|bg|pg|swish(?:a|at|nummer|nr)?)"
    r"[^\d\n]{0,25}(\d(?:[ \xa0,.-]{0,2}\d){5,20})(?!\d)",
    re.IGNORECASE,
)
_CLEARING = re.compile(r"(?<![\d-])[1-9]\d{3}(?:-\d)?(?:,[ ]?|[- ])\d{2,3}(?:[ .]\d{3}){1,2}(?:[- ]\d)?(?!\d)")
_CARD = re.compile(r"(?<!\d)\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}(?!\d)")


def _accounts(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _IBAN.finditer(text):
        yield *match.span(), BANK
    for match in _ACCOUNT.finditer(text):
        yield *match.span(1), BANK
    for match in _CARD.finditer(text):
        if luhn.is_valid(re.sub(r"\D", "", match[0])):
            yield *match.span(), BANK
    for match in _CLEARING.finditer(text):
        if not match[0].startswith(("19", "20")):
            yield *match.span(), BANK


# --- the net ------------------------------------------------------------------------------------------------------

_EMAIL = re.compile(
    r"[\w.+%'-]{1,64} ?(?:@|\(at\)|\[at\]|\(a\)|\bsnabel-?a\b) ?[\w-]{1,63}(?:\.[\w-]{2,63}){1,4}", re.IGNORECASE
)
_V4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)")
_V6 = re.compile(r"(?<![\w:])[0-9A-Fa-f]{0,4}(?::{1,2}[0-9A-Fa-f]{1,4}){2,7}(?::{1,2})?(?![\w:])")
_PLATFORMS = "snapchat|snap|insta|instagram|tik ?tok|facebook|fb|messenger|telegram|discord|wickr|signal|kik|twitch|youtube|twitter|whatsapp|threads|steam|roblox|session"
_PROFILE = re.compile(
    r"\b(?:(?:www\.|m\.)?(?:facebook|instagram|tiktok|snapchat|twitter|linkedin|youtube|x|t)\.(?:com|me)/(?:add/|u/|user/|in/|@)?[\w.@-]{2,60})",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<![\w.@])@[A-Za-zÅÄÖåäö0-9_][\wÅÄÖåäö.]{1,29}(?<!\.)")
_SCORED = re.compile(r"(?<![\w.@/])(?=[\w.]{0,30}[A-Za-zÅÄÖåäö])(?:[A-Za-zÅÄÖåäö0-9.]{0,30}_[\w.]{0,30})(?<![.])")
_CALLED = re.compile(
    r"\b(?:användarnamn(?:et)?|användaren|användar-?id|nick(?:name|et)?|alias(?:et)?|gamertag|handle|snapkonto(?:t)?|instakonto(?:t)?"
    rf"|(?:{_PLATFORMS})(?:[- ]?(?:konto|kontot|användaren|profilen|namn|namnet|id))?)"
    r"(?: (?:är|heter|under namnet|med namnet|som|kontot|namnet|profilen|användaren))?[ :]{1,2}[”\"“'’]?([\w.ÅÄÖåäö-]{3,30})",
    re.IGNORECASE,
)
_MIXED = re.compile(r"(?<![\w.@/])(?=[\w.-]{0,29}\d)(?=[\w.-]{0,29}[A-Za-zÅÄÖåäö])[\w.-]{4,30}(?<![.-])")
_NEAR_PLATFORM = re.compile(rf"\b(?:{_PLATFORMS})\b", re.IGNORECASE)


def _net(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _EMAIL.finditer(text):
        yield *match.span(), EMAIL
    for match in _PROFILE.finditer(text):
        yield *match.span(), USERNAME
    for pattern in (_HANDLE, _SCORED):
        for match in pattern.finditer(text):
            if any(letter.isalpha() for letter in match[0]):
                yield *match.span(), USERNAME
    for match in _CALLED.finditer(text):
        said = match[1]
        # An ordinary word after "Snapchat" is no user name, unless the text says that it is.
        told = re.search(
            r"namn|användar|nick|alias|handle|gamertag|konto|heter|profil|:",
            match[0][: match.start(1) - match.start()],
            re.IGNORECASE,
        )
        if (told and said.lower() not in words.lists().no_username) or any(
            letter.isdigit() or letter in "_." for letter in said.rstrip(".")
        ):
            end = match.end(1) - (len(said) - len(said.rstrip(".")))
            yield match.start(1), end, USERNAME
    near = [match.start() for match in _NEAR_PLATFORM.finditer(text)]
    if near:
        for match in _MIXED.finditer(text):
            if _near(near, match.start(), 50, 40) and not match[0][0].isdigit():
                yield *match.span(), USERNAME
    for pattern in (_V4, _V6):
        for match in pattern.finditer(text):
            try:
                ipaddress.ip_address(match[0])
            except ValueError:
                continue
            yield *match.span(), IP


# --- addresses ----------------------------------------------------------------------------------------------------

_TAIL = (
    "gatan|gata|vägen|väg|gränd|gränden|allén|allé|stigen|stig|backen|backe|torget|torg|plan|planen|kroken|leden|led|gården|gård"
    "|stråket|esplanaden|kajen|terrassen|liden|slingan|svängen|rundeln|brinken|ringen|promenaden|platsen|plats|stranden|höjden|tunet"
)
_NUMBER = rf"{_S}?(?:nr{_S}?)?\d{{1,3}}(?:{_S}?[-–/]{_S}?\d{{1,3}})?(?:{_S}?[A-Ha-h](?![\w]))?(?![\w:%]|[.,]\d)"
_INSIDE = rf"(?:,?{_S}{{0,2}}(?:(?:lgh|lägenhet|våning|vån\.?|bv)(?!\w)\.?{_S}{{0,2}}(?:nr{_S}?)?\d{{0,4}}|\d{{1,2}}{_S}?(?:tr|trappor)\b))?"
_STREET = re.compile(
    rf"(?<![{_L}-])((?:(?!(?:På|Vid|Längs|Från|I)\b)[A-ZÅÄÖ][{_L}:.]{{1,20}}{_S}){{0,3}})"
    rf"([A-ZÅÄÖa-zåäö][{_L}:-]{{1,30}}?(?:{_TAIL})|(?<={_S})(?:{_TAIL}|[GVTPABS](?:atan|ägen|orget|latsen|llén|acken|tigen))){_NUMBER}{_INSIDE}"
)
#: Streets are no such words; what follows them is a count.
_NO_STREET = re.compile(
    r"(?:skol|inner|bak|bonde|för|bo|koloni|idrotts|fotbolls|boll|grus|is|lek|park(?:erings)?|campus|sjukhus|flyg|buss|perrong|mark|bottnen|övnings|handlings|tids|åtgärds"
    r"|gå|cykel|gång|trafik|motor|huvud|bil|skogs|gräs|grus|lands|läns|riks|europa|infarts|genomfarts|tvär|åter|väntrums|arbets|hållplats|upplags|mötes|rast|landnings|sitt|sov|vilo|utomhus|matte?)"
    r"(?:gården|gård|planen|plan|gatan|gata|vägen|väg|platsen|plats|stigen|stig|leden|led|ringen|torget)",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    rf"{_S}(?:ungdom|person|elev|barn|mån|män|kvinn|bil|moped|cykl|gång|minut|meter|m\b|km\b|kr\b|kronor|år|dag|vecka|veckor|timm|påse|påsar|st\b|stycken|polis|vakt|vuxn|pojk|flick|killa|tjej|rut|familj)",
    re.IGNORECASE,
)
_FLAT = re.compile(
    r"\b(?:lgh|lägenhet(?:en)?|port(?:en)?|trappuppgång(?:en)?|uppgång(?:en)?)[ \xa0.]{0,2}(?:nr[ \xa0.]{0,2})?(?:\d{1,4}[A-Za-z]?|[A-H])\b"
)
_POSTAL = re.compile(rf"(?<![\d-])(?:SE?-)?\d{{3}}{_S}\d{{2}}{_S}{{1,2}}[A-ZÅÄÖ][a-zåäö]{{2,20}}(?![\d])")


def _addresses(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _STREET.finditer(text):
        before, street = match[1], match[2]
        if not before and (_NO_STREET.fullmatch(street) or re.fullmatch(_TAIL, street)):
            continue
        if not before and street[:1].islower() and _COUNTED.match(text, match.end()):
            continue
        yield *match.span(), ADDRESS
    for pattern in (_FLAT, _POSTAL):
        for match in pattern.finditer(text):
            yield *match.span(), ADDRESS


def spans(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, kind), the surer kinds first: whoever collects them keeps the first of those that meet."""
    yield from _identities(text)
    yield from _net(text)
    yield from _accounts(text)
    yield from _phones(text)
    yield from _births(text)
    yield from _addresses(text)
    yield from _plates(text)
