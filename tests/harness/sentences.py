"""Swedish sentences with known personal data, made from parts. Every name and number is invented.

The unlisted names are of many origins and none of them is in the finder's lists: a test holds that.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from stdnum import luhn

UNLISTED_FIRST = [
    "Xhemajl",
    "Bujar",
    "Agron",
    "Ardita",
    "Blerta",
    "Fitore",
    "Shpend",
    "Liridon",
    "Kujtim",
    "Drilon",
    "Rzgar",
    "Shwan",
    "Hevin",
    "Rojda",
    "Berfin",
    "Zerdesht",
    "Dilshad",
    "Tesfalem",
    "Haben",
    "Filmon",
    "Winta",
    "Rahwa",
    "Biniyam",
    "Abeba",
    "Nimo",
    "Hibaq",
    "Ubax",
    "Cabdi",
    "Warsan",
    "Deeqa",
    "Faduma",
    "Pouya",
    "Arezoo",
    "Mehrnaz",
    "Bijan",
    "Thanh",
    "Nguyet",
    "Minh",
    "Siriporn",
    "Somchai",
    "Oluwaseun",
    "Chinedu",
    "Adaeze",
    "Priya",
    "Rajesh",
    "Anjali",
    "Svitlana",
    "Bohdan",
    "Yevhen",
    "Giedrius",
    "Ieva",
    "Mihaela",
    "Gheorghe",
    "Zsuzsanna",
    "Urmas",
    "Eetu",
    "Ilmari",
    "Aada",
    "Jorunn",
    "Sigurd",
    "Zeljka",
    "Nebojsa",
    "Snezana",
    "Radmila",
    "Dragoslav",
    "Amela",
    "Zumreta",
    "Hasib",
    "Nihad",
    "Gulistan",
    "Sirvan",
    "Aylin",
    "Tugce",
    "Emrah",
    "Oguzhan",
    "Ebubekir",
    "Abrar",
    "Thuraya",
    "Qusay",
    "Wissam",
    "Ghassan",
    "Hamoudi",
    "Ziyad",
    "Noura",
    "Kwame",
    "Akosua",
    "Fatoumata",
    "Boubacar",
    "Ousmane",
    "Aissatou",
    "Lamin",
    "Ebrima",
    "Yaya",
    "Kofi",
    "Joaquin",
    "Ximara",
    "Esperanza",
    "Ernesto",
    "Guadalupe",
    "Paloma",
    "Thiago",
    "Joao",
    "Luiza",
    "Guilherme",
    "Torleif",
    "Ragnvald",
    "Bodil",
    "Solvig",
    "Alfons-Emil",
    "Edith-Marie",
    "Tuvalie",
    "Levi",
    "Julius-Emil",
    "Hebbe",
    "Vilgot-Emil",
    "Lovis",
    "Elvy",
    "Maivor",
    "Görel",
    "Torborg",
    "Anna-Sofie",
]
UNLISTED_LAST = [
    "Hoxhaj",
    "Gjoka",
    "Bajrami",
    "Kelmendi",
    "Mustafai",
    "Krasnici",
    "Rzgari",
    "Barzani",
    "Talabani",
    "Zebari",
    "Dosky",
    "Ghebremedhin",
    "Woldemichael",
    "Haileselassie",
    "Kiflom",
    "Gebremariam",
    "Duale",
    "Warsame-Nur",
    "Guleed",
    "Xasan",
    "Cali",
    "Farzan",
    "Shokoohi",
    "Rostami",
    "Moghaddam",
    "Tavakoli",
    "Truong",
    "Bui",
    "Srisuk",
    "Wongsa",
    "Adeyemi",
    "Okonkwo",
    "Eze",
    "Chukwu",
    "Sharma",
    "Gupta",
    "Iyer",
    "Shevchuk",
    "Bondar",
    "Kravets",
    "Kazlauskas",
    "Jankauskas",
    "Ozols",
    "Berzins",
    "Ionita",
    "Munteanu",
    "Horvath-Kiss",
    "Nagy",
    "Tamme",
    "Koppel",
    "Virtala",
    "Salmela",
    "Hietala",
    "Lehtisalo",
    "Guthormsen",
    "Hauge",
    "Petronijevic",
    "Stojkovic",
    "Bogdanovic",
    "Halilovic",
    "Mesic",
    "Kurtovic",
    "Sezer",
    "Yalcin",
    "Polat",
    "Kizilkaya",
    "Tekin",
    "Haddad",
    "Khoury",
    "Sabbagh",
    "Jubran",
    "Alwan",
    "Obaidi",
    "Boateng",
    "Mensah",
    "Asante",
    "Diop",
    "Camara-Ba",
    "Jallow",
    "Ceesay",
    "Touray",
    "Vasquez",
    "Aguirre",
    "Mendoza",
    "Salazar",
    "Pinheiro",
    "Carvalho",
    "Nordenskär",
    "Rosenvinge",
    "Brakander",
    "Lejdström",
    "Vretenfalk",
    "Ekelycke",
    "Strömholt",
    "Granvret",
    "Kvickström",
    "Lundefalk",
    "Tallvid",
    "Björnskär",
    "Hedvinge",
    "Rågfelt",
    "Åkerklint",
]
LISTED_FIRST = [
    "Anna",
    "Erik",
    "Fatima",
    "Mohammed",
    "Elsa",
    "Ahmed",
    "Johanna",
    "Zlatan",
    "Aisha",
    "Leif",
    "Kerstin",
    "Amir",
    "Zahra",
    "Oliver",
    "Alma",
    "Hassan",
    "Linnéa",
    "Gustav",
    "Nadia",
    "Mehmet",
]
LISTED_LAST = [
    "Andersson",
    "Johansson",
    "Nilsson",
    "Hassan",
    "Ahmed",
    "Lindqvist",
    "Öberg",
    "Hosseini",
    "Yilmaz",
    "Jovanović",
    "Virtanen",
    "Nguyen",
    "Kowalski",
    "Holmgren",
    "Ali",
    "Sjöström",
]

#: Around a person: {n} is the name.
ABOUT = (
    "Vittnet såg {n} slå sönder rutan.",
    "Det var {n} som kastade stenen.",
    "Ungdomarna är rädda för {n} och går hem tidigt.",
    "Enligt personalen säljer {n} tabletter bakom skolan.",
    "Vi har pratat med {n} flera gånger i höst.",
    "{n} hotade vakten med en kniv vid entrén.",
    "En granne berättar att {n} står och skriker på natten.",
    "Killen heter {n} och går i åttan.",
    "I går kväll kom {n} och två till på moped.",
    "Mamman till {n} har ringt och är orolig.",
    "Flickan kallas {n} av de andra.",
    "Bilen körs ofta av {n} sent på natten.",
    "Eleven {n} blev slagen på rasten.",
    "Butiken har stängt av {n} efter stölderna.",
    "När personalen sa till blev {n} arg och sparkade i dörren.",
    "Rektorn bad {n} lämna skolan.",
    "Hyresvärden misstänker att {n} hyr ut i andra hand.",
    "Tipset gäller {n}, som ska ha vapen hemma.",
    "Vi tror att {n} ligger bakom klottret.",
    "Pengarna lämnades till {n} utanför kiosken.",
    "Föraren {n} stoppades av polisen.",
    "Den misstänkte är {n}.",
    "Både {n} och hans bror var där.",
    "{n} bor i trapphuset bredvid.",
)
#: Ordinary sentences: {p} a place, {q} another, {k} a number, {d} a day, {t} a time of day.
ORDINARY = (
    "Skadegörelse på en busskur vid {p} natten till {d}.",
    "Ungefär {k} ungdomar samlades vid {p} och spelade hög musik.",
    "Klotter på väggen mot {p}, cirka {k} meter långt.",
    "Belysningen är trasig mellan {p} och {q} sedan {d}.",
    "Två mopeder kördes i hög fart längs gångvägen vid {p} klockan {t}.",
    "Fler upplever otrygghet kring {p} efter klockan {t}.",
    "Personalen på {p} berättar om bråk i entrén på kvällarna.",
    "Polisen var på plats med två patruller klockan {t}.",
    "En container brann bakom {p} {d}, kostnad {k} 000 kronor.",
    "Sedan {d} har vi haft {k} ärenden om skräp vid {p}.",
    "Öppen narkotikahandel vid {p}, ofta mellan {t} och midnatt.",
    "Ordningsvakterna avvisade {k} personer från {p}.",
    "Buss {k} fick stenar kastade mot sig nära {p}.",
    "Nattvandrarna gick runt {p} och {q}, lugnt i området.",
    "Fyra rutor krossade på {p}, anmält till polisen.",
    "Kommunen har beställt ny belysning till {p}.",
    "Grannar till {p} klagar på buller efter klockan {t}.",
    "Det luktar cannabis i trapphusen vid {p}.",
    "Fritidsgården stängde tidigare {d} efter ett bråk.",
    "En elev hotade en annan elev på skolgården klockan {t}.",
    "Parkeringen vid {p} används för bilkörning på nätterna.",
    "Fastighetsägaren har satt upp kameror i garaget vid {p}.",
    "Höga skulder och stöld av cyklar är vanligt runt {p}.",
    "Mötet med Region Sörmland och Polisen flyttas till {d}.",
    "Läget är lugnt jämfört med vecka {k}.",
    "Tagg med texten KFS syns på {k} ställen från {p} till {q}.",
    "Lägg till rondering {d} efter klockan {t} vid {p}.",
    "Väktarna från Securitas såg inget ovanligt vid {p}.",
    "Hemköp och Systembolaget har haft {k} stölder i november.",
    "Till jul väntas fler besökare i centrum och på {p}.",
)
PLACES = (
    """
Fristadstorget|Stora Torget|Nyfors centrum|Tuna Park|Munktell Arena|Fröslunda|Skiftinge|Lagersberg|Råbergstorp|Årby|Brunnsbacken|Stadsparken|Västermarksskolan|resecentrum|Torshälla
biblioteket|Gallerian|Slagsta|Parken Zoo|Kungsgatan|Rademachergatan|Djurgårdsskolan|Sporthallen|Sommarrovallen|Ekängen|Mesta|Hällbybrunn|Odlaren|Lundby|busstationen|gamla sjukhuset|Rinmansgymnasiet
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
DAYS = (
    "måndag",
    "fredagen",
    "lördag kväll",
    "den 14 november",
    "den 3 oktober 2026",
    "2026-11-21",
    "i förrgår",
    "helgen",
)
TIMES = ("22", "23.30", "18:15", "21", "16.45")


@dataclass(frozen=True)
class Said:
    """A sentence and what in it points at somebody: the words and their kind."""

    text: str
    secret: str
    kind: str
    listed: bool = True


def _identity(random_: random.Random) -> str:
    nine = f"{random_.randrange(40, 100)}{random_.randrange(1, 13):02}{random_.randrange(1, 29):02}{random_.randrange(1000):03}"
    ten = nine + luhn.calc_check_digit(nine)
    century = "19"
    return random_.choice(
        (
            f"{ten[:6]}-{ten[6:]}",
            f"{century}{ten[:6]}-{ten[6:]}",
            f"{century}{ten}",
            ten,
            f"{ten[:6]} {ten[6:]}",
            f"{ten[:6]}+{ten[6:]}",
        )
    )


def _phone(random_: random.Random) -> str:
    tail = f"{random_.randrange(10**7):07}"
    begin = random_.choice(("070", "072", "073", "076", "079"))
    return random_.choice(
        (
            f"{begin}-{tail[:3]} {tail[3:5]} {tail[5:]}",
            f"{begin}{tail}",
            f"{begin} {tail[:3]} {tail[3:5]} {tail[5:]}",
            f"{begin}-{tail}",
            f"+46 {begin[1:]} {tail[:3]} {tail[3:5]} {tail[5:]}",
            f"+46{begin[1:]}{tail}",
            f"0046 {begin[1:]}-{tail[:3]} {tail[3:]}",
            f"016-{tail[1:3]} {tail[3:5]} {tail[5:]}",
            f"08-{tail[:3]} {tail[3:5]} {tail[5:]}",
        )
    )


def _plate(random_: random.Random) -> str:
    letters = "".join(random_.choice("ABCDEFGHJKLMNOPRSTUWXYZ") for _ in range(3))
    last = random_.choice("0123456789ABCDEFGHJKLMNPRSTUWXYZ")
    number = f"{random_.randrange(100):02}{last}"
    written = random_.choice((f"{letters} {number}", f"{letters}{number}"))
    return written if random_.random() < 0.8 else f"{letters}{number}".lower()


def _email(random_: random.Random) -> str:
    who = random_.choice(UNLISTED_FIRST).lower()
    return random_.choice(
        (f"{who}@exempel.test", f"{who}.nagon@post.exempel.test", f"{who}_{random_.randrange(99)}@exempel.test")
    )


def _address(random_: random.Random) -> str:
    street = random_.choice(
        (
            "Storgatan", "Björkvägen", "Gamla Riksvägen", "S:t Jakobs väg", "Västra Storgatan", "Lars Exempels gata", "Tallstigen", "Smedjegränd", "Kvarnbacken", "Rosenallén",
            "storgatan", "björkvägen", "Nya Torget", "Drottning Kristinas väg", "Ringvägen", "Lövkroken", "Strandpromenaden", "Hamnesplanaden",
        )
    )  # fmt: skip
    number = random_.choice(("4", "12", "12 B", "7a", "118", "3, lgh 1203", "15, 2 tr", "22 C"))
    return f"{street} {number}"


MADE = {"identity": _identity, "phone": _phone, "plate": _plate, "email": _email, "address": _address}
AROUND = {
    "identity": ("Han uppgav {x} i kassan.", "Personnummer {x} enligt legitimationen.", "Gäller {x}, född i landet.", "Kvinnan ({x}) bor kvar."),
    "phone": ("Ring {x} efter klockan 17.", "Anmälaren nås på {x}.", "Numret är {x}, svarar inte.", "Han säljer via {x}."),
    "plate": ("En vit bil, {x}, stod på tomgång.", "Bilen med regnr {x} körde iväg.", "Mopedbilen {x} syns ofta där.", "De åkte i en Volvo {x} mot centrum."),
    "email": ("Skriv till {x} för mer.", "Hotet kom från {x} i går.", "Adressen är {x}."),
    "address": ("Festen var på {x} i helgen.", "Han bor på {x} med sin mamma.", "Störningar från {x} varje natt.", "Paketet hämtades vid {x}."),
}  # fmt: skip


def secret_sentences(number: int, seed: int) -> list[Said]:
    """So many sentences of every kind that is written by a rule."""
    random_ = random.Random(seed)
    out = []
    for kind, make in MADE.items():
        for _ in range(number):
            secret = make(random_)
            out.append(Said(random_.choice(AROUND[kind]).format(x=secret), secret, kind))
    return out


def name_sentences(number: int, seed: int) -> list[Said]:
    """Sentences about people: half of the names listed, half not; first names, last names, both, small letters, genitive."""
    random_ = random.Random(seed)
    out = []
    for at in range(number):
        listed = at % 2 == 0
        first = random_.choice(LISTED_FIRST if listed else UNLISTED_FIRST)
        last = random_.choice(LISTED_LAST if listed else UNLISTED_LAST)
        way = random_.random()
        if way < 0.6:
            name = f"{first} {last}"
        elif way < 0.85:
            name = first
        elif way < 0.92 and listed:
            name = f"{first} {last}".lower()
        else:
            name = f"{first} {last}s" if not last.endswith("s") else f"{first} {last}"
        text = random_.choice(ABOUT)
        if name.endswith("s") and way >= 0.92:
            text = random_.choice(
                ("Vi stod utanför {n} port.", "Bråket började på {n} fest.", "Det är {n} bil som brann.")
            )
        out.append(Said(text.format(n=name), name, "name", listed))
    return out


def ordinary_sentences(number: int, seed: int) -> list[str]:
    """Sentences without anybody in them."""
    random_ = random.Random(seed)
    return [
        random_.choice(ORDINARY).format(
            p=random_.choice(PLACES),
            q=random_.choice(PLACES),
            k=random_.randrange(2, 600),
            d=random_.choice(DAYS),
            t=random_.choice(TIMES),
        )
        for _ in range(number)
    ]
