"""Wikitext to text by mwparserfromhell and WikiExtractor, for comparison: prints one JSON document.

Usage: wikitext_peer.py numbers PAGES.json     the rendering that numbers are looked up in
       wikitext_peer.py speed DUMP.xml PASSES  processor seconds of each pass over a dump
PAGES.json: [wikitext]
Reply to numbers: {"version", "texts": [text]}, what mwparserfromhell's strip_code gives of a page, and behind
it what that drops or runs together: the names and arguments of all templates, each cell of tables, and the content of
formulas and galleries
Reply to speed: {"versions": {name: version}, "seconds": {name: [x for each pass]}}
"""

import io
import json
import logging
import re
import sys
import time
from importlib.metadata import version

import mwparserfromhell
from wikiextractor import WikiExtractor
from wikiextractor.extract import Extractor

DROPPED = re.compile(r"<(math|gallery|ce|chem|poem|nowiki)\b[^>]*>(.*?)</\1\s*>", re.S | re.I)


def rendering(wikitext):
    code = mwparserfromhell.parse(wikitext, skip_style_tags=True)
    text = code.strip_code(normalize=False, collapse=True)
    dropped = "\n".join(match[2] for match in DROPPED.finditer(wikitext))
    arguments = []
    for template in code.filter_templates():
        # Names show in some: `{{66e}}`, `{{formatnum:1234}}`, `{{US Census population|1840=...}}`.
        arguments += [str(template.name), *(str(param) for param in template.params)]
    cells = [
        tag.contents.strip_code()
        for tag in code.filter_tags()
        if tag.contents is not None and str(tag.tag).strip().lower() in ("td", "th")
    ]
    return "\n".join([text, *arguments, *cells, dropped])


# Its program takes this from the dump's head; left empty, every title is that of a template.
WikiExtractor.templateNamespace = "Template:"


def read_pages(path):
    count = 0
    with open(path, encoding="utf8") as lines:
        for page in WikiExtractor.collect_pages(lines):
            count += 1
            yield page
    if count == 0:
        raise SystemExit(f"WikiExtractor finds no article in {path}")


def extract_all(path):
    out = io.StringIO()
    for page_id, revision, title, page in read_pages(path):
        Extractor(page_id, revision, "", title, page, to_json=True).extract(out)


def strip_all(path):
    for _, _, _, page in read_pages(path):
        mwparserfromhell.parse("".join(page)).strip_code()


def main():
    logging.disable(logging.CRITICAL)
    if sys.argv[1] == "numbers":
        with open(sys.argv[2], encoding="utf8") as file:
            texts = [rendering(wikitext) for wikitext in json.load(file)]
        reply = {"version": version("mwparserfromhell"), "texts": texts}
    else:
        path, passes = sys.argv[2], int(sys.argv[3])
        programs = {"wikiextractor": extract_all, "mwparserfromhell": strip_all}
        seconds = {name: [] for name in programs}
        for _ in range(passes):
            for name, program in programs.items():
                started = time.process_time()
                program(path)
                seconds[name].append(time.process_time() - started)
        versions = {name: version(name) for name in programs}
        reply = {"versions": versions, "seconds": seconds}
    json.dump(reply, sys.stdout)


if __name__ == "__main__":
    main()
