#!/usr/bin/env python3
"""Cuts the demonstration's excerpt out of the Art & Architecture Thesaurus.

    excerpt.py AAT.nt.gz OUT.ttl

The input is the thesaurus as N-Triples, one statement a line. The excerpt holds the concepts named below,
everything above them up to the facet, and, around the concepts of the demonstration's tagger, some of
their neighbours and of the concepts beneath them. Types, labels, identifiers and links are copied as they
stand; nothing is added, and no link leads out of the excerpt.

Contains information from Art & Architecture Thesaurus (AAT)(R), J. Paul Getty Trust, ODC-By 1.0.
"""

import gzip
import re
import sys

AAT = "http://vocab.getty.edu/aat/"
TAGGER = ["300003725", "300004607", "300004848", "300001571", "300001280", "300000905", "300002330", "300263722", "300001324"]
NAMED = """
300000891 buttresses                300002351 pinnacles               300002360 spires
300002348 lanterns                  300001662 capitals                300001072 pointed arches
300265184 ribs                      300004847 towers                  300003729 altar components
300004627 naves                     300104479 choirs                  300004645 transepts
300007423 cloisters                 300007466 churches                300007501 cathedrals
300004590 chapels                   300000642 abbeys                  300170443 basilicas
300000641 monasteries               300007595 temples                 300004792 buildings
300005768 museums                   300014109 paper                   300011851 parchment
300011852 vellum                    300015050 oil paint               300015045 watercolor
300015012 ink                       300014078 canvas                  300264831 gold leaf
300011286 limestone                 300011376 sandstone               300011443 marble
300010797 glass                     300011022 lead                    300010957 bronze
300011176 stone                     300010463 brick                   300011914 wood
300127121 albumen prints            300128695 gelatin silver prints   300046300 photographs
300128347 black-and-white photographs                                 300128359 color photographs
300393160 glass plate negatives     300033973 drawings                300034787 architectural drawings
300076598 computer drawings         300041340 engravings              300041365 etchings
300041379 lithographs               300041273 prints                  300033618 paintings
300033799 oil paintings             300078925 watercolors             300028094 maps
300028325 nautical charts           300028569 manuscripts             300224200 codices
300168055 initials                  300264522 illuminations           300015638 still lifes
300015637 portraits                 300026816 postcards               300215302 digital images
300047090 sculpture                 300047230 reliefs                 300075940 altarpieces
300132254 vases                     300132399 flowers                 300028051 books
300205002 tapestries                300231565 textiles                300037680 furniture
300151343 ceramics                  300020756 Medieval                300020775 Gothic
300020768 Romanesque                300021147 Baroque                 300021140 Renaissance
300054156 architecture              300054300 religion                300054146 music
300136900 motion pictures
"""
SIBLINGS, CHILDREN = 9, 12  # at most, around each concept of the tagger

LINE = re.compile(r'<http://vocab\.getty\.edu/aat/(\d+)> <([^>]+)> (.+) \.\s*$')
KEPT = {  # the properties that are copied, in the order in which they are written
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#type": "a",
    "http://www.w3.org/2004/02/skos/core#inScheme": "skos:inScheme",
    "http://purl.org/dc/elements/1.1/identifier": "dc:identifier",
    "http://www.w3.org/2004/02/skos/core#prefLabel": "skos:prefLabel",
    "http://www.w3.org/2004/02/skos/core#altLabel": "skos:altLabel",
    "http://vocab.getty.edu/ontology#broaderPreferred": "gvp:broaderPreferred",
    "http://www.w3.org/2004/02/skos/core#broader": "skos:broader",
}
BROADER = ("gvp:broaderPreferred", "skos:broader")
PREFIXES = {
    "http://vocab.getty.edu/ontology#": "gvp",
    "http://www.w3.org/2004/02/skos/core#": "skos",
    "http://purl.org/dc/elements/1.1/": "dc",
    AAT: "aat",
}


def read(path):
    """All kept statements: subject, then property, then the values in the order of the file."""
    subjects = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            found = LINE.match(line)
            if found and found[2] in KEPT:
                subjects.setdefault(found[1], {}).setdefault(KEPT[found[2]], []).append(found[3])
    return subjects


def broader_of(statements):
    """The identifiers of everything directly above."""
    return {value[len(AAT) + 1:-1] for name in BROADER for value in statements.get(name, [])}


def spread(identifiers, most):
    """At most so many of them, evenly out of the whole list."""
    identifiers = sorted(identifiers)
    if len(identifiers) <= most:
        return identifiers
    return [identifiers[k * len(identifiers) // most] for k in range(most)]


def choose(subjects):
    """The identifiers of the excerpt."""
    narrower = {}
    for identifier, statements in subjects.items():
        for above in broader_of(statements):
            narrower.setdefault(above, set()).add(identifier)
    chosen = set(TAGGER) | set(re.findall(r"\b3\d{8}\b", NAMED))
    for identifier in TAGGER:
        chosen |= set(spread(narrower.get(identifier, ()), CHILDREN))
        for above in broader_of(subjects[identifier]):
            chosen |= set(spread(narrower[above] - {identifier}, SIBLINGS))
    missing = chosen - set(subjects)
    if missing:
        sys.exit(f"not in the thesaurus: {', '.join(sorted(missing))}")
    waiting = list(chosen)
    while waiting:
        for above in broader_of(subjects[waiting.pop()]):
            if above not in chosen:
                chosen.add(above)
                waiting.append(above)
    return chosen


def shorten(value):
    """An IRI with its prefix, where it has one; a literal as it is."""
    if value.startswith("<"):
        for space, prefix in PREFIXES.items():
            local = value[1:-1].removeprefix(space)
            if local != value[1:-1] and re.fullmatch(r"\w+", local):
                return f"{prefix}:{local}"
    return value


def write(subjects, chosen, path):
    """The excerpt as Turtle, in the order of the identifiers."""
    with open(path, "w", encoding="utf-8") as out:
        out.write("# An excerpt of the Art & Architecture Thesaurus, for the demonstration; made by excerpt.py.\n"
                  "# Contains information from Art & Architecture Thesaurus (AAT)(R), J. Paul Getty Trust, ODC-By 1.0.\n\n")
        for space, prefix in PREFIXES.items():
            out.write(f"@prefix {prefix}: <{space}> .\n")
        for identifier in sorted(chosen):
            statements = subjects[identifier]
            lines = []
            for name in KEPT.values():
                values = [value for value in statements.get(name, []) if name not in BROADER or value[len(AAT) + 1:-1] in chosen]
                if values:
                    lines.append(f"{name} {', '.join(shorten(value) for value in values)}")
            out.write(f"\naat:{identifier} " + " ;\n    ".join(lines) + " .\n")


def main(arguments):
    """Reads the command line."""
    if len(arguments) != 2:
        sys.exit(__doc__)
    subjects = read(arguments[0])
    chosen = choose(subjects)
    write(subjects, chosen, arguments[1])
    print(f"{len(chosen)} subjects")


if __name__ == "__main__":
    main(sys.argv[1:])
