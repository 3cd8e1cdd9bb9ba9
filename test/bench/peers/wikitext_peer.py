"""Wikitext to text by mwparserfromhell and WikiExtractor, for comparison: prints one JSON document.

Usage: wikitext_peer.py numbers PAGES.json     the rendering that numbers are looked up in
       wikitext_peer.py speed DUMP.xml PASSES  processor seconds of each pass over a dump
PAGES.json: [wikitext]
Reply to numbers: {"version", "texts": [text]}, what mwparserfromhell's strip_code gives of a page, and behind
it what that drops: the arguments of all templates, and the content of formulas and galleries
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
from wikiextractor.extract import Extractor
from wikiextractor.WikiExtractor import collect_pages

DROPPED = re.compile(r"<(math|gallery|ce|chem|poem|nowiki)\b[^>]*>(.*?)</\1\s*>", re.S | re.I)


def rendering(wikitext):
    code = mwparserfromhell.parse(wikitext, skip_style_tags=True)
    text = code.strip_code(normalize=True, collapse=True)
    dropped = "\n".join(match[2] for match in DROPPED.finditer(wikitext))
    arguments = []
    for template in code.filter_templates():
        name = str(template.name)
        # A parser function has its first argument behind the colon.
        arguments += [name.partition(":")[2], *(str(param.value) for param in template.params)]
    return "\n".join([text, *arguments, dropped])


def read_pages(path):
    with open(path, encoding="utf8") as lines:
        for page_id, revision, title, page in collect_pages(lines):
            yield page_id, revision, title, page


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
