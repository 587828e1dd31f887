#!/usr/bin/env python3
"""Whether memory is flat: tags 1,000, 10,000 and more small pictures of one store, and prints the peak of each.

    memory.py GLOSSATOR PICTURE [--counts 1000,10000]

PICTURE is a small JPEG; every record names an address of its own for it. The store holds as many records as the largest count, since what its
engine keeps in memory grows with what there is to be kept, up to a fixed size.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import zipfile

HERE = pathlib.Path(__file__).parent
DATA = HERE.parent / "data"
# How many names a file of ours may have: file systems allow some 65,000.
LINKS = 60000
RECORD = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:edm="http://www.europeana.eu/schemas/edm/" xmlns:ore="http://www.openarchives.org/ore/terms/">
<edm:ProvidedCHO rdf:about="http://bench.example/{n}"><dc:title>{n}</dc:title><edm:type>IMAGE</edm:type></edm:ProvidedCHO>
<ore:Aggregation rdf:about="http://bench.example/a/{n}"><edm:aggregatedCHO rdf:resource="http://bench.example/{n}"/><edm:isShownBy rdf:resource="http://bench.example/pictures/{n}.jpg"/></ore:Aggregation></rdf:RDF>"""


def held(process):
    """The memory that a process holds now and that no file stands behind, in MiB."""
    try:
        lines = pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon:")), None)


def peak(command):
    """Runs a command; its last line as JSON, the most memory that it held, and what it held at a quarter, half and three quarters of its time, in MiB."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    samples, done = [], threading.Event()

    def watch():
        while not done.wait(0.5):
            samples.append(held(process))

    watching = threading.Thread(target=watch)
    watching.start()
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    done.set()
    watching.join()
    if os.waitstatus_to_exitcode(status) not in (0, 3):
        raise SystemExit(f"{command} failed")
    samples = [sample for sample in samples if sample]
    quarters = [samples[len(samples) * quarter // 4] for quarter in (1, 2, 3)] if samples else []
    return json.loads(output.splitlines()[-1]), usage.ru_maxrss / 1024, quarters


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("glossator")
    arguments.add_argument("picture", type=pathlib.Path)
    arguments.add_argument("--counts", default="1000,10000")
    given = arguments.parse_args()
    counts = sorted(map(int, given.counts.split(",")))
    home = pathlib.Path(tempfile.mkdtemp(prefix="glossator-memory-"))
    pictures = home / "pictures"
    pictures.mkdir()
    with zipfile.ZipFile(home / "records.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(counts[-1]):
            archive.writestr(f"{n}.xml", RECORD.format(n=n))
            if n % LINKS:
                os.link(pictures / f"{n // LINKS * LINKS}.jpg", pictures / f"{n}.jpg")
            else:
                shutil.copy(given.picture, pictures / f"{n}.jpg")
    run = lambda *words: peak([given.glossator, "--json", "--store", str(home / "store"), *words])
    run("load", str(DATA / "vocabulary/aat-excerpt.ttl"), "--scheme", "aat")
    _, ingested, _ = run("ingest", str(home / "records.zip"))
    print(f"{counts[-1]:>7} records read: peak {ingested:.0f} MiB", flush=True)
    run("model", "add", str(DATA / "tagger"))
    peaks = []
    for count in counts:
        figures, tagged, quarters = run("tag", "--limit", str(count), "--mirror", f"http://bench.example/pictures/={pictures}")
        peaks.append(tagged)
        rate = figures["pictures"] / figures["seconds"]
        print(f"{figures['pictures']:>7} pictures: peak {tagged:.0f} MiB (anonymous at a quarter, half, three quarters: {' '.join(f'{q:.0f}' for q in quarters)} MiB), {rate:.1f} pictures a second", flush=True)
    print(f"the last peak is {peaks[-1] / peaks[0]:.2f} times the first")
    shutil.rmtree(home)


main()
