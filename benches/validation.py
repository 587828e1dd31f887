"""The records of a folder validated by pySHACL: record by record and as one graph. Prints times and results as JSON."""
import json, pathlib, sys, time
import rdflib
from rdflib.namespace import RDF, SH
import pyshacl

rdflib.NORMALIZE_LITERALS = False


def path(graph, node):
    if isinstance(node, rdflib.URIRef):
        return f"<{node}>"
    ways = graph.value(node, SH.alternativePath)
    if ways is not None:
        return "(" + "|".join(path(graph, w) for w in graph.items(ways)) + ")"
    for name, before, after in [("inversePath", "^", ""), ("zeroOrMorePath", "", "*"), ("oneOrMorePath", "", "+"), ("zeroOrOnePath", "", "?")]:
        inner = graph.value(node, SH[name])
        if inner is not None:
            return before + path(graph, inner) + after
    return "(" + "/".join(path(graph, s) for s in graph.items(node)) + ")"


def term(node):
    if node is None:
        return ""
    if isinstance(node, rdflib.BNode):
        return "_:"
    if isinstance(node, rdflib.URIRef):
        return str(node)
    return json.dumps([str(node), (node.language or "").lower(), "" if node.language else str(node.datatype or rdflib.XSD.string)], ensure_ascii=False)


def results(report, shapes):
    for result in report.subjects(RDF.type, SH.ValidationResult):
        if (None, SH.detail, result) in report:
            continue
        node = report.value(result, SH.resultPath)
        where = report if isinstance(node, rdflib.BNode) and (node, None, None) in report else shapes
        yield [
            term(report.value(result, SH.focusNode)),
            path(where, node) if node is not None else "",
            term(report.value(result, SH.value)),
            str(report.value(result, SH.sourceConstraintComponent)),
            str(report.value(result, SH.resultSeverity)),
        ]


def parse(file):
    return rdflib.Graph().parse(file, format="nt")


def run(graphs, shapes):
    found, begun = [], time.perf_counter()
    for graph in graphs:
        _, report, _ = pyshacl.validate(graph, shacl_graph=shapes, inference="none", meta_shacl=False)
        found.append(report)
    return time.perf_counter() - begun, [sorted(map(list, {tuple(r) for r in results(report, shapes)})) for report in found]


folder = pathlib.Path(sys.argv[1])
shapes = rdflib.Graph().parse(folder / "shapes.nt", format="nt")
begun = time.perf_counter()
graphs = [parse(file) for file in sorted(folder.glob("record-*.nt"))]
reading = time.perf_counter() - begun
begun = time.perf_counter()
whole = parse(folder / "all.nt")
reading_whole = time.perf_counter() - begun
each, by_record = run(graphs, shapes)
once, at_once = run([whole], shapes)
print(json.dumps({
    "version": pyshacl.__version__, "reading": reading, "reading_whole": reading_whole,
    "each": each, "once": once, "by_record": by_record, "at_once": at_once,
}))
