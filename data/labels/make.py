#!/usr/bin/env python3
"""Makes the label maps of ImageNet networks from the recipe, and checks every concept against AAT.

    make.py LABELS AAT.nt[.gz] [FOLDER]

LABELS is the list of 1,001 ImageNet labels, one a line, `background` first. AAT is an N-Triples file with English skos:prefLabel.
The recipe beside this script says by hand which class means which concept, and how near they are; what it does not name means none.
Nothing is written unless every concept is there, is a gvp:Concept, and is called what the recipe says.
"""

import csv
import gzip
import pathlib
import re
import sys

AAT = "http://vocab.getty.edu/aat/"
TRIPLE = re.compile(r"<http://vocab\.getty\.edu/aat/(\d+)> <([^>]*)> (.*) \.$")


def read_aat(path):
    """Labels and types by number."""
    labels, concepts = {}, set()
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            number, predicate, value = TRIPLE.match(line.rstrip("\n")).groups()
            if predicate.endswith("core#prefLabel") and value.endswith("@en"):
                labels[number] = value[1:-4].replace('\\"', '"')
            elif predicate.endswith("#type") and value == "<http://vocab.getty.edu/ontology#Concept>":
                concepts.add(number)
    return labels, concepts


def read_recipe(path, names):
    """The concept of each class."""
    recipe = {}
    with open(path, encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            index = int(row["class"])
            if index in recipe or names[index] != row["label"] or row["mapping"] not in ("exact", "close", "broad"):
                sys.exit(f"{path}: class {index}: twice, or `{row['label']}` is not `{names[index]}`, or the mapping `{row['mapping']}`")
            recipe[index] = row
    return recipe


def write(path, labels, recipe, shift):
    with open(path, "w", encoding="utf-8", newline="\n") as out:
        out.write("index\tiri\tlabel\tmapping\n")
        for index, label in enumerate(labels):
            row = recipe.get(index - shift)
            cells = (AAT + row["aat"], label, row["mapping"]) if row else ("-", label, "-")
            out.write("\t".join((str(index), *cells)) + "\n")


def main():
    labels_path, aat_path, *rest = sys.argv[1:]
    here = pathlib.Path(__file__).parent
    folder = pathlib.Path(rest[0]) if rest else here
    labels = pathlib.Path(labels_path).read_text(encoding="utf-8").splitlines()
    if len(labels) != 1001 or labels[0] != "background":
        sys.exit(f"{labels_path}: not 1,001 labels with `background` first")
    recipe = read_recipe(here / "imagenet-to-aat.recipe.tsv", labels[1:])
    known, concepts = read_aat(aat_path)
    wrong = [f"{r['aat']}: `{r['concept']}` in the recipe, `{known.get(r['aat'])}` in AAT" for r in recipe.values()
             if known.get(r["aat"]) != r["concept"] or r["aat"] not in concepts]
    if wrong:
        sys.exit("\n".join(wrong))
    write(folder / "imagenet-1000-to-aat.tsv", labels[1:], recipe, 0)
    write(folder / "imagenet-1001-to-aat.tsv", labels, recipe, 1)
    kinds = {kind: sum(r["mapping"] == kind for r in recipe.values()) for kind in ("exact", "close", "broad")}
    print(f"{len(recipe)} of 1000 classes mean {len({r['aat'] for r in recipe.values()})} concepts: {kinds}")


if __name__ == "__main__":
    main()
