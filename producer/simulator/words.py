"""The words that invented artists, tracks and podcasts are named with."""

from __future__ import annotations


def _list(text: str) -> list[str]:
    return text.split()


ADJECTIVES = _list(
    """
    amber hollow silver crooked velvet distant electric paper golden restless quiet broken neon wild
    northern salted midnight wooden faded lonely glass feral honest second borrowed burning gentle
    heavy hidden humid idle jagged kindred late lucid marble mellow modest nervous oblique pale polar
    reckless rusted sleepless slow solar static stray sudden tender thirsty tidal unsaid upside violet
    waking weightless yellow zigzag
    """
)

NOUNS = _list(
    """
    orchard lantern harbour engine sparrow meridian thunder letter mirror window river beacon
    carousel satellite garden ember staircase shoreline puzzle tangerine avalanche backyard veranda
    bicycle blizzard bonfire cardigan ceiling chimney cinnamon comet corridor daylight detour domino
    elevator feather tugboat firefly gravel horizon keyhole kettle ladder magnet monsoon mosaic needle
    nightbus octave parachute pendulum platform postcard pebble radio raincoat ribbon rooftop saffron
    shadow signal suitcase sundial telescope ticket timetable turnstile umbrella vinegar walnut whistle
    """
)

VERBS = _list(
    """
    follow borrow carry chase count forget find hold keep lose mend paint remember rewind ride shelter
    sing steal trace unfold wake wash wear whisper answer bury call climb cross drift
    """
)

PLACES = _list(
    """
    Aldermoor Bellhaven Calder Dunmarrow Eastmere Farrowgate Glenhollow Harrowick Inverlune Kestrelby
    Lowenbay Marlstone Nettlecombe Orrinsea Pellworth Quayside Ravensholt Saltmarsh Thornebridge
    Underhill Vellamo Westerlyn Yarrowdale Zennorby
    """
)

FORENAMES = _list(
    """
    Ada Bo Cleo Dario Edda Femi Gita Hugo Ines Jonah Kaya Leif Mara Nilo Odile Pavel Quin Rosa Soren
    Tamsin Ugo Vera Wim Xenia Yuki Zora Anouk Basil Cosima Dmitri Elif Farid
    """
)

SURNAMES = _list(
    """
    Ashgrove Brindlemark Calloway-Finch Dellarosso Evermoor Fennwick Grumholt Havilland-Roe Istermann
    Jaskowell Kettleburn Lindqvarn Moravanti Norrgate Oxenfold Pemberlane Quillmark Rasmolen
    Strandhus Tollivane Umbriaco Vantoor Winterhalm Yllasen Zabrowick
    """
)

COLLECTIVES = _list(
    """
    Collective Orchestra Brothers Sisters Union Choir Society Sound Trio Quartet Parade Club Assembly
    Workshop Exchange Committee
    """
)

SUBJECTS = _list(
    """
    Football Bread Startups Volcanoes Grammar Chess Gardens Money Sleep Trains Cinema Whales Cities
    History Space Parenting Coffee Crime Physics Design Languages Folklore Weather Maps Running
    Robots Bicycles Cheese Elections Architecture
    """
)
