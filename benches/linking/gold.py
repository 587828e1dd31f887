#!/usr/bin/env python3
"""Turns museums' own files into tables that `glossator measure-links` reads: text, concept, and which half a record is of.

    gold.py walters EXPORT.xml [odd|even] > walters.tsv    # medium strings and the materials that cataloguers linked them to
    gold.py ima TECHNIQUES.jsonl > ima.tsv
"""

import json
import sys
import xml.etree.ElementTree as xml

MATERIALS = {"AAT Materials", "AAT Support/Ground/Base"}


def walters(path, half=None):
    for record in xml.parse(path).getroot().iter("ObjRecord"):
        odd = int(record.findtext("ObjectID")) % 2 == 1
        if half and odd != (half == "odd"):
            continue
        for described in record.findall("PhysicalDescription"):
            text = described.findtext("Medium")
            terms = [t for t in described.findall("PhysicalDescriptionTerms") if t.findtext("ThesXrefType") in MATERIALS]
            concepts = sorted({t.findtext("SourceTermID") for t in terms if t.findtext("SourceTermID")})
            if text and concepts:
                yield " ".join(text.split()), concepts


def ima(path):
    for line in open(path, encoding="utf-8"):
        row = json.loads(line)
        if row.get("TECHNIQUE") and row.get("AAT ID"):
            yield row["TECHNIQUE"], [row["AAT ID"]]


def main():
    kinds = {"walters": walters, "ima": ima}
    if len(sys.argv) < 3 or sys.argv[1] not in kinds:
        sys.exit(__doc__)
    print("text\tconcept")
    for text, concepts in kinds[sys.argv[1]](*sys.argv[2:]):
        print(text.replace("\t", " "), " ".join(concepts), sep="\t")


if __name__ == "__main__":
    main()
