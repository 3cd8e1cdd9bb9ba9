"""Renders pieces of templates as transformers does, for chat-template.test.ts.

Run: python templates.py > templates.json; or with `-` as argument, for a list of templates as JSON on
standard input instead of those below. The values are the same for all.
"""

import json
import re
import sys
from copy import deepcopy

import jinja2
import transformers
from transformers.utils.chat_template_utils import render_jinja_template

VALUES = {
    "text": "  Hello, World!\n",
    "path": "a/b//c/",
    "think": "<think>\nHm.\n</think>\n\n  Petrova \n",
    "odd": "\u00a0\u2003x\u0085\ufeff\u001c",
    "wide": "naïve 東京 🙂é",
    "quotes": "it's \"so\"\\\t\u00ad\u2028",
    "empty": "",
    "lines": "one\n\n two\r\nthree\u2028four\n",
    "zero": 0,
    "seven": 7,
    "minus": -7,
    "half": 2.5,
    "small": 0.00001234,
    "third": -0.3333333333333333,
    "yes": True,
    "no": False,
    "nothing": None,
    "numbers": [3, 1, 2, 3, -1],
    "words": ["pear", "Apple", "fig", "apple"],
    "mixed": [1, "a", None, True, 2.5, [], {}, ["x"]],
    "table": {"b": 1, "A": "x", "c": None, "items": [1, 2], "get": "own"},
    "nested": {"k": [{"x": True, "y": [1.5, None]}, "it's"], "z": {}},
    "people": [
        {"name": "Ana", "age": 3, "role": "user", "tags": ["a"]},
        {"name": "Bo", "age": 1, "role": "assistant", "tags": []},
        {"name": "cy", "age": 2, "role": "user"},
    ],
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi <|im_end|> & 'you'"},
        {"role": "assistant", "content": "", "tool_calls": [{"name": "f", "arguments": {"q": "é\"", "n": 3}}]},
    ],
}  # fmt: skip

PRINTED = [
    # values as Python prints them
    "yes", "no", "nothing", "true", "None", "zero", "minus", "half", "small", "150000000000000000000.0", "third",
    "1.0", "-0.0", "1e5", "100000000000000000.0", "1234567.125", "0.1 + 0.2", "1 / 3", "10 / 2", "2 ** 70", "2 ** -1",
    "numbers", "words", "mixed", "table", "nested", "[quotes]", "[odd]", "[wide]", "(1, 'a')", "(1, (2, 3))",
    "['it\\'s']", "[\"it's\"]", "['a\\nb\\t']", "['é\\x07']", "{'a': true}", "[]", "{}", "[undefined]", "undefined",
    "nested.k[0]", "numbers is defined", "messages[2]", "'%'", "range", "namespace", "range(3)", "table.items()",
    "people | map(attribute='name')",
    # arithmetic
    "-7 // 2", "7 // -2", "minus % 3", "7 % -3", "minus // half", "7.5 // 2", "-7.5 % 2", "7.5 % -2", "1 // 0.1", "0.0 % -1",
    "5 % 0", "1 / 0", "1.0 // 0", "true + 1", "true + true", "-yes", "+yes", "yes * 'ab'", "'ab' * 3", "3 * 'ab'", "'ab' * -1",
    "[1] * 2", "[1] + [2]", "(1, 2) + (3, 4)", "[1] + (2, 3)", "'a' + 1", "1 + 'a'", "nothing + 1", "'a' ~ 1 ~ none ~ true ~ 1.0",
    "1 ~ [1]", "2 ** 3 ** 2", "(-2) ** 2", "-2 ** 2", "2 ** 0.5", "0 ** -1", "(-8) ** 0.5", "'%s' % 1", "1 - -1", "- 1", "2 - 1",
    "7 / 2 * 2", "1 + 2 * 3", "undefined + 1", "undefined ~ 'x'", "9007199254740993 + 0", "zero ** zero", "10 // 3 * 3 + 10 % 3",
    # comparison and logic
    "1 == 1.0", "1 == true", "'1' == 1", "none == false", "none is none", "'a' < 'b'", "'Z' < 'a'", "'🙂' > '\uffee'", "'a' < 1",
    "[1, 2] < [1, 3]", "[1] < [1, 0]", "(1, 2) == [1, 2]", "{'a': 1} == {'a': 1.0}", "undefined == undefined", "undefined == none",
    "1 < 2 < 3", "3 > 2 > 2", "(1 < 2) == (2 < 3)", "(1 == 1) != (2 == 3)", "1 + 2 ~ 'x'", "(1 + 2) ~ 'x'", "'x' ~ 1 + 2", "'a' + 'b' ~ 'c'",
    "not yes", "not empty", "not not 1", "not 1 == 2", "yes and 'x'", "no and 'x'", "empty or 'x'", "0 or none", "none or 0 or '' or []",
    "'a' in 'abc'", "1 in 'abc'", "'' in ''", "'b' in table", "1 in table", "[1] in table", "2 in numbers", "none in mixed", "1 not in numbers",
    "'x' in undefined", "undefined in words", "'ell' in text", "1 in 5", "'a' if yes", "'a' if no", "'a' if no else 'b' if no else 'c'",
    "('x' if no) is defined", "yes is true", "1 is true", "yes == 1 and no == 0", "nothing is none and yes is not none",
    # attributes, items and slices
    "text[2]", "text[-2]", "wide[6]", "wide[-1]", "wide[-2:]", "text[99]", "numbers[0]", "numbers[-1]", "numbers[9]", "numbers[9] is defined",
    "numbers[yes]", "numbers['0']", "numbers[1.0]", "numbers.0", "numbers[none]", "numbers[:2]", "numbers[1:]", "numbers[-2:]", "numbers[:-2]",
    "numbers[::-1]", "numbers[::2]", "numbers[3:0:-1]", "numbers[-1:-4:-2]", "numbers[5:1]", "numbers[99:]", "numbers[:99]", "numbers[-99:2]",
    "numbers[-99:-98]", "numbers[2:-99:-1]", "numbers[99::-2]", "numbers[::0]", "numbers['a':]", "numbers[none:2]", "numbers[true:]", "numbers[1.5:]",
    "text[2:7]", "text[::-1]", "text[-3:]", "text[:-99]", "wide[::-2]", "(1, 2, 3)[1:]", "table[1:]", "none[1:]", "undefined[1:]",
    "table.b", "table.c", "table['c']", "table['b']", "table.items", "table['items']", "table.get('b')", "table['get']", "table.get", "table.x", "table['x']", "table.x is defined",
    "table.x.y", "table['x']['y']", "table.c.y", "undefined.x", "undefined['x']", "nothing.x", "nothing['x']", "text.x", "text['upper']()", "seven.x",
    "table.get('x')", "table.get('x', 5)", "table.get('c', 5)", "table.get(1, 2)", "table.keys() | list", "table.values() | list", "table.items() | list",
    "table.keys()[0]", "table.items() | length", "table.pop('b')", "numbers.append(4)", "numbers.index(2)", "numbers.index(9)", "numbers.count(3)",
    "text.__class__", "table.__len__()", "messages[0]['role']", "messages[0].role", "messages[-1].tool_calls[0].arguments.q", "nested.k[0].y[0]",
    # methods of text
    "text.strip()", "text.lstrip()", "text.rstrip()", "text.strip(' H!')", "text.strip('\\n')", "text.lstrip('\\n')", "text.rstrip('\\n')",
    "text.rstrip('!\\n')", "text.strip(none)", "text.strip('')", "odd.strip()", "[odd.strip()]", "odd | trim", "[odd | trim]", "[text | trim]", "text | trim(' \\nH!')",
    "path.strip('/')", "path.strip('/a')", "path.split('/')", "path.split('/', 1)", "path.split('/', 0)", "path.split('/', -1)", "path.rsplit('/', 2)",
    "path.split(sep='/', maxsplit=2)", "path.split('')", "path.split('//')", "text.split()", "text.split(none, 1)", "text.split(' ', 1)", "text.split(maxsplit=0)",
    "' a b  c '.split(none, 1)", "' a b  c '.split(none, 2)", "' a b  c '.rsplit(none, 1)", "' a b  c '.rsplit(none, 9)", "empty.split()", "empty.split('x')", "odd.split()",
    "think.split('</think>')[-1].lstrip('\\n')", "think.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n')", "think.split('</think>')[-1].strip()",
    "lines.splitlines()", "lines.splitlines(true)", "empty.splitlines()", "text.startswith('  H')", "text.startswith(('x', ' '))", "text.startswith(['x'])", "text.startswith('H', 2)",
    "text.endswith('!\\n')", "text.endswith('')", "text.endswith(('x', 'y'))", "text.startswith(1)", "text.startswith()", "path.removeprefix('a/')", "path.removesuffix('/')", "path.removesuffix('')",
    "path.removeprefix('x')", "path.replace('/', '-')", "path.replace('/', '-', 1)", "path.replace('/', '-', 0)", "path.replace('/', '-', -1)", "path.replace('', '.')", "wide.replace('', '-', 3)",
    "path.replace('/')", "path.replace(1, 2)", "'$& x'.replace('x', '$&')", "'a.b'.replace('.', '*')", "', '.join(words)", "', '.join(numbers)", "', '.join('abc')", "','.join([])",
    "text.upper()", "text.lower()", "'straße ﬁ'.upper()", "'İΑΣ'.lower()", "'hello wORLD it\\'s 3rd'.title()", "'hello-wORLD (it\\'s) <b>'|title", "'hELLO wORLD'.capitalize()", "'hELLO wORLD' | capitalize",
    "'ßa'.capitalize()", "'ßa' | title", "text.find('o')", "wide.find('é')", "path.rfind('/')", "path.find('x')", "path.index('x')", "wide.index('京')", "path.count('/')", "'aaa'.count('aa')", "'abc'.count('')",
    "path.partition('/')", "path.rpartition('/')", "path.partition('x')", "path.rpartition('x')", "'12'.isdigit()", "'१२'.isdigit()", "'²'.isdigit()", "''.isdigit()", "'ab'.isalpha()", "'a1'.isalnum()", "' '.isspace()",
    "''.isspace()", "'AB1'.isupper()", "'1'.isupper()", "'ab'.islower()", "'ǅ'.islower()", "'12'.isdecimal()", "'a'.zfill(3)", "'{}'.format(1)", "'a'.foo()", "'a'.center(5)", "text.strip(1)", "text.strip(chars=' ')",
    # filters
    "text | length", "wide | length", "numbers | length", "table | count", "undefined | length", "seven | length", "(numbers | map('string')) | length",
    "numbers | first", "numbers | last", "[] | first", "[] | last", "[none] | first", "wide | first", "wide | last", "table | first", "undefined | first", "numbers | map('string') | first", "numbers | map('string') | last",
    "words | join", "words | join(', ')", "numbers | join('-')", "mixed | join('|')", "people | join(', ', attribute='name')", "people | join(attribute='age')", "'abc' | join('-')", "undefined | join('x')", "table | join(',')",
    "people | map(attribute='name') | list", "people | map(attribute='tags.0') | list", "people | map(attribute='tags', default='none') | list", "people | map('length') | list", "words | map('upper') | list", "words | map('replace', 'p', 'q') | join(' ')",
    "words | map('nosuch') | list", "words | map | list", "undefined | map('upper') | list", "[] | map('upper') | list", "numbers | map('abs') | sum",
    "people | selectattr('role', 'equalto', 'user') | map(attribute='name') | list", "people | selectattr('tags') | list | length", "people | rejectattr('role', '==', 'user') | list | length", "people | selectattr('tags', 'defined') | list | length",
    "people | selectattr('age', 'gt', 1) | map(attribute='age') | join", "people | selectattr('name', 'in', ['Ana', 'cy']) | list | length", "people | rejectattr('tags', 'undefined') | list | length",
    "mixed | select('string') | list", "mixed | select | list", "mixed | reject | list", "mixed | select('number') | list", "numbers | select('odd') | list", "numbers | reject('even') | list", "numbers | select('nosuch') | list", "numbers | select('divisibleby', 3) | list",
    "table | items | list", "undefined | items | list", "numbers | items | list", "table | dictsort", "table | dictsort(case_sensitive=true)", "table | dictsort(reverse=true)", "{'x': 2, 'y': 1} | dictsort(by='value')", "{'x': 2, 'y': 1} | dictsort(false, 'value', true)",
    "numbers | list", "'abc' | list", "wide | list", "table | list", "none | list", "undefined | list", "numbers | string", "yes | string", "none | string | length", "undefined | string",
    "'42' | int", "' 42 ' | int", "'4_2' | int", "'4.9' | int", "'x' | int", "'x' | int(7)", "'x' | int(default=8)", "none | int", "4.9 | int", "-4.9 | int", "yes | int", "'-3' | int", "'+3' | int", "'1e3' | int", "'inf' | int", "'ff' | int(0, 16)", "[] | int(3)", "undefined | int",
    "'1.5' | float", "'x' | float", "'x' | float(2.5)", "3 | float", "'1e3' | float", "' inf ' | float", "'-Infinity' | float", "'nan' | float", "none | float(1)", "'1_0.5' | float", "'.5' | float", "'5.' | float", "'٣' | int",
    "text | upper", "text | lower", "none | upper", "seven | lower", "[1] | upper", "lines | indent", "lines | indent(2)", "lines | indent(2, true)", "lines | indent(2, blank=true)", "lines | indent('> ', first=true)", "'' | indent", "seven | indent",
    "words | unique | list", "words | unique(true) | list", "numbers | unique | list", "people | unique(attribute='role') | map(attribute='name') | list", "[[1], [1]] | unique | list", "[1, true, 1.0, '1'] | unique | list",
    "numbers | batch(2) | list", "numbers | batch(2, 'x') | list", "numbers | batch(9, 0) | list", "[] | batch(2, 0) | list", "numbers | sort", "numbers | sort(reverse=true)", "words | sort", "words | sort(case_sensitive=true)", "people | sort(attribute='age') | map(attribute='name') | list", "mixed | sort",
    "numbers | reverse | list", "'abc' | reverse", "numbers | sum", "people | sum(attribute='age')", "words | sum", "numbers | max", "numbers | min", "words | min", "words | max", "[] | max", "minus | abs", "-2.5 | abs", "'a' | abs", "numbers | sum(start=10)",
    "undefined | default('x')", "empty | default('x')", "empty | default('x', true)", "none | default('x')", "none | d('x', boolean=true)", "undefined | default", "table.x | default([])", "0 | default(1, true)", "undefined.x | default('y')", "undefined | default(none)",
    "path | replace('/', '-')", "path | replace('/', '-', 2)", "seven | replace('7', 8)", "yes | replace('r', '')", "'a' | center(5)", "2.567 | round(1)", "'<a>' | escape", "'<a>' | e", "'<a>' | safe", "'a b' | wordcount", "'a' | nosuch", "numbers | groupby('x')",
    "1 | string ~ 2", "'a' | upper ~ 'b' | upper", "-1 | abs", "(numbers | map('string') | list)[0]", "(numbers | map('string'))[0]", "numbers | map('string') | join | length", "'abc' | upper | lower | title",
    # JSON
    "nested | tojson", "mixed | tojson", "messages | tojson", "quotes | tojson", "wide | tojson", "wide | tojson(ensure_ascii=true)", "quotes | tojson(ensure_ascii=true)", "odd | tojson", "[odd] | tojson(true)", "'<a href=\\'x\\'>&' | tojson", "half | tojson", "15000000000000000.0 | tojson", "small | tojson", "yes | tojson", "none | tojson",
    "undefined | tojson", "nested | tojson(indent=2)", "nested | tojson(indent=4)", "nested | tojson(indent=0)", "[] | tojson(indent=2)", "nested | tojson(indent='--')", "table | tojson(sort_keys=true)", "nested | tojson(separators=(',', ':'))", "nested | tojson(separators=[',', ':'], indent=2)", "(1, 2) | tojson", "range(2) | tojson", "table.items() | tojson", "1.0 | tojson", "'\\x7f' | tojson(true)", "nested | tojson(false, 2)",
    # tests
    *[f"{value} is {test}" for value in ["yes", "seven", "half", "text", "nothing", "numbers", "table", "undefined", "(1, 2)", "range(2)", "table.items()", "range", "(numbers | map('string'))", "empty"]
      for test in ["defined", "undefined", "none", "boolean", "true", "false", "integer", "float", "number", "string", "mapping", "iterable", "sequence", "callable"]],
    "seven is odd", "seven is even", "minus is odd", "'a' is odd", "'AB' is upper", "'ab' is lower", "text is not string", "seven is nosuch", "seven is divisibleby(7)", "seven is divisibleby 7", "seven is eq(7)", "none is sameas(none)", "1 is in([1])", "undefined.x is defined", "table.x.y is defined",
    # calls
    "range(3) | list", "range(2, 5) | list", "range(5, 1, -2) | list", "range(1, 9, 3) | list", "range(0) | list", "range(3)[1]", "range(3)[-1:] | list", "range(3, 1) | list", "range(1, 2, 0)", "range(999999)", "range('a')", "range(2) == range(2)", "range(9) | length",
    "dict(a=1, b='x')", "dict({'a': 1}, b=2)", "dict([('a', 1)])", "namespace(a=1).a", "namespace(a=1).b", "namespace({'a': 2}).a", "namespace(a=1)['a']", "raise_exception('no: ' ~ 1)", "nosuch()", "text()", "range(*[1, 3]) | list", "dict(**{'a': 1})", "joiner(', ')", "cycler(1, 2).next()", "lipsum()", "undefined(1)",
    # strings in source
    "'a' 'b'", "'a\\'b'", "\"a'b\"", "'\\u00e9\\x41\\\\'", "'\\d'", "'a\nb'", "'\\101'", "'%}'", "'}}'", "'{%- x -%}'", "'{{ x }}'", "'a\\\nb'", "'\\N{BULLET}'", "'\\U0001F642'", "'{' ~ '}'", "{'a': {'b': 1}}", "{'a': {'b': 1}}.a.b", "{1: 2}", "(1,)", "()", "[1, 2,]", "1_000", "0x1F", "1.5e3",
]  # fmt: skip

WHOLE = [
    # white space
    "a\n", "a\n\n", "\na\r\nb\rc\r\n", "a\r\n", "  {% if yes %}  \n x {% endif %} \ny", "  {%- if yes -%}  \n x {%- endif -%} \ny", "a {{ seven }} \n b", "a {{- seven -}} \n b", "  {{ seven }}\n",
    "x  {% if yes %}\n  y\n  {% endif %}\nz", "{% if yes %}\n\ny{% endif %}\n\nz", "  {# c #}\nx", "x {#- c -#} y", "  {%+ if yes %}\nx{%+ endif %}\n", "a\n  {% if yes +%}\nx{% endif +%}\ny", "{# a\n b #}  \nx", "{#- {{ x }} -#}", "a {# x", "  {#+ c +#}\nx",
    "\t{% if yes %}\ta{% endif %}", "\u00a0{% if yes %}\nx{% endif %}", "a\n\n  \n  {% if yes %}b{% endif %}", "{% if yes %}{% endif %}\n  {% if yes %}x{% endif %}", "{{ seven }}\n  {% if yes %}x{% endif %}", "a{{ '\n' }}  {% if yes %}b{% endif %}\nc", "{{'  '}}  {%- if yes %} b{% endif %}",
    "  {% set x = 1 %}  {% set y = 2 %}\n{{ x }}{{ y }}", "{%if yes%}a{%endif%}", "{{seven}}", "{{-seven-}}", "{{ -seven }}", "{{- -seven }}", "a }} %} #} b", "a { { % b", "{% raw %}\n {{ x }} {% y %}\n{% endraw %}\nz", " {%- raw -%} {{ x }} {%- endraw -%} z", "{% raw %}a", "#}\nx", "%}\nx -}}\ny", "{{ {'a': 1}['a'] }}}}",
    "{{ '{% raw %}' }}", "{% set x = '}}' %}{{ x }}", "{% set x = '%}' %}{{ x }}", "{{ \"{#\" }}x{{ '#}' }}", "{{ seven", "{% if yes", "{{ (seven }}", "{{ seven) }}", "{{ }}", "{% %}", "{{ seven;}}", "{% if yes %}", "{% endif %}", "{% nosuch %}", "{% else %}", "{% for x in numbers %}{{ x }}", "{{ 'x }}", "{% if yes %}a{% endfor %}",
    # if
    "{% if no %}a{% elif yes %}b{% else %}c{% endif %}", "{% if no %}a{% elif no %}b{% else %}c{% endif %}", "{% if yes %}{% set x = 1 %}{% endif %}{{ x }}", "{% if undefined %}a{% endif %}b", "{% if numbers and 'a' in words or yes %}a{% endif %}", "{% if undefined.x %}a{% endif %}", "{% if not nothing %}a{% endif %}",
    # loops
    "{% for x in numbers %}{{ x }},{% endfor %}", "{% for x in numbers %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.depth0 }};{% endfor %}", "{% for x in numbers %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }} {% endfor %}",
    "{% for x in numbers %}{% for y in words %}{{ loop.index }}{{ loop.depth }}{% endfor %}{{ loop.index }}{% endfor %}", "{% for x in numbers %}{{ loop.cycle('a', 'b') }}{% endfor %}", "{% for x in numbers %}{{ loop.changed(x) }}{% endfor %}", "{% for x in numbers if x > 1 %}{{ loop.index }}:{{ x }}/{{ loop.length }} {% endfor %}",
    "{% for x in [] %}a{% else %}b{% endfor %}", "{% for x in numbers if x > 9 %}a{% else %}b{% endfor %}", "{% for x in numbers %}a{% else %}b{% endfor %}", "{% for x in undefined %}a{% else %}b{% endfor %}", "{% for x in none %}a{% endfor %}", "{% for x in 5 %}a{% endfor %}", "{% for c in wide %}[{{ c }}]{% endfor %}", "{% for k in table %}{{ k }}{% endfor %}",
    "{% for k, v in table.items() %}{{ k }}={{ v }};{% endfor %}", "{% for k, v in table | items %}{{ k }}={{ v }};{% endfor %}", "{% for k, v in table | dictsort %}{{ k }}={{ v }};{% endfor %}", "{% for a, b in [[1, 2], [3, 4]] %}{{ a }}{{ b }}{% endfor %}", "{% for a, b in [[1, 2, 3]] %}{% endfor %}", "{% for a, b in ['xy'] %}{{ a }}{{ b }}{% endfor %}", "{% for a, (b, c) in [[1, [2, 3]]] %}{{ a }}{{ b }}{{ c }}{% endfor %}",
    "{% for x in numbers %}{% if x == 2 %}{% break %}{% endif %}{{ x }}{% endfor %}!", "{% for x in numbers %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% endfor %}!", "{% for x in numbers %}a{% break %}{% else %}b{% endfor %}", "{% for x in numbers %}a{% continue %}{% else %}b{% endfor %}", "{% for x in [1] %}{% for y in [1, 2] %}{{ y }}{% break %}{% endfor %}z{% endfor %}", "{% for x in numbers %}{{ x }}{% if loop.index == 2 %}{{ 'end' }}{% break %}{% endif %}{% endfor %}", "{% break %}",
    "{% set x = 0 %}{% for y in numbers %}{% set x = x + y %}{{ x }},{% endfor %}{{ x }}", "{% for y in [1, 2] %}{% if y == 1 %}{% set x = 5 %}{% endif %}{{ x }};{% endfor %}{{ x }}", "{% set ns = namespace(x=0) %}{% for y in numbers %}{% set ns.x = ns.x + y %}{% endfor %}{{ ns.x }}", "{% for x in numbers %}{% endfor %}{{ x }}{{ loop }}", "{% for x in numbers %}{{ loop }}{% endfor %}", "{% set x = 'o' %}{% for x in numbers %}{{ x }}{% endfor %}{{ x }}", "{% for x in x %}a{% endfor %}", "{% for x in numbers recursive %}{{ x }}{% endfor %}",
    "{% for x in numbers[::-1] %}{{ x }}{% endfor %}", "{% for x in numbers | map('string') %}{{ x }}{{ loop.last }}{{ loop.length }}{% endfor %}", "{% set g = numbers | map('string') %}{{ g | join }}|{{ g | join }}", "{% set g = numbers | map('string') %}{{ g | first }}|{{ g | join }}", "{% for x in range(3) %}{{ x }}{% endfor %}", "{% for i in range(2) %}{% for j in range(2) %}{{ i }}{{ j }}{{ loop.first }} {% endfor %}{% endfor %}", "{%- for m in messages -%}\n  {{- m.role -}} : {{ m['content'] }}\n{%- endfor -%}", "{% for m in messages %}{{ loop.index0 % 2 == 0 }}{{ (m.role == 'user') == (loop.index0 % 2 == 1) }}{% endfor %}",
    # set
    "{% set x = 1 %}{{ x }}", "{% set x, y = 1, 2 %}{{ x }}{{ y }}", "{% set x, y = [1] %}", "{% set x %} a {{ seven }} {% endset %}[{{ x }}]", "{% set x %}a{% set y = 1 %}{% endset %}{{ y }}", "{% set x = 'a' if no else 'b' %}{{ x }}", "{% set x = 1, 2 %}{{ x }}", "{% set table.b = 2 %}", "{% set ns = namespace() %}{% set ns.a = 1 %}{% set ns.b = ns.a %}{{ ns.b }}{{ ns.c }}", "{% set ns = namespace(a=[]) %}{% set ns.a = ns.a + [1] %}{{ ns.a }}", "{% set x | upper %}a{% endset %}{{ x }}", "{% set none = 1 %}", "{% set messages = messages[1:] %}{{ messages | length }}", "{% set yes = no %}{{ yes }}", "{% set x = x %}{{ x }}",
    # macros, calls, filters, generation
    "{% macro f(a, b=2) %}{{ a }}{{ b }}{% endmacro %}{{ f(1) }}{{ f(1, 3) }}{{ f(b=4, a=5) }}{{ f() }}", "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(1, 2) }}", "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(1, c=2) }}", "{% macro f() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f(1, 2, c=3) }}", "{% macro f(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ f(1) }}", "{% macro f() %}{{ seven }}{% set seven = 8 %}{{ seven }}{% endmacro %}{{ f() }}{{ seven }}", "{% macro f() %} a {% endmacro %}[{{ f() }}]{{ f() | trim }}{{ f() ~ 'b' }}", "{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}",
    "{% macro f() %}{{ x }}{% endmacro %}{% set x = 1 %}{{ f() }}", "{% macro f() %}{{ x }}{% endmacro %}{% for x in numbers %}{{ f() }}{% endfor %}", "{% for x in [1, 2] %}{% macro f() %}{{ x }}{% endmacro %}{{ f() }}{% endfor %}", "{% macro f() %}[{{ caller() }}]{% endmacro %}{% call f() %}x{{ seven }}{% endcall %}", "{% macro f() %}[{{ caller(1) }}]{% endmacro %}{% call(a) f() %}x{{ a }}{% endcall %}", "{% macro f() %}a{% endmacro %}{% call f() %}x{% endcall %}", "{% macro f() %}{{ caller }}{% endmacro %}{{ f() }}", "{{ f }}{% macro f() %}a{% endmacro %}", "{% macro f() %}a{% endmacro %}{{ f }}", "{% macro f() %}a{% endmacro %}{{ f.name }}",
    "{% macro f(x) %}{% if x is mapping %}{{ x | tojson }}{% else %}{{ x }}{% endif %}{% endmacro %}{{ f(table) }}{{ f(1) }}", "{% macro f(a=none) %}{{ a is none }}{% endmacro %}{{ f() }}{{ f(none) }}", "{% filter upper %}a{{ seven }}b{% endfilter %}", "{% filter replace('a', 'b') %}aaa{% endfilter %}", "{% filter nosuch %}a{% endfilter %}", "{% generation %}a{% set x = 1 %}{% endgeneration %}{{ x }}", " {% generation %}\n a {% endgeneration %}\n b", "a {%- generation -%} b {%- endgeneration -%} c", "{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}{{ m.content }}{% endgeneration %}{% endif %}{% endfor %}", "{% generation %}a", "{% endgeneration %}",
    "{% for x in numbers %}{% generation %}{% set x = 9 %}{{ x }}{% endgeneration %}{{ x }}{% endfor %}", "{% with x = 1 %}{{ x }}{% endwith %}", "{% include 'x' %}", "{% block x %}a{% endblock %}", "{% do numbers.append(1) %}", "{% call nosuch() %}{% endcall %}", "{% autoescape true %}{{ '<' }}{% endautoescape %}", "{{ raise_exception('Roles must alternate') if yes }}", "{% if no %}{{ raise_exception('x') }}{% endif %}ok", "{{ strftime_now('%%') }}", "{{ strftime_now('%Q') | length > 0 }}",
    # as real templates do it
    "{%- if tools %}\n    {{- '# Tools' }}\n{%- else %}\n    {%- if messages[0].role == 'system' %}\n        {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}\n    {%- endif %}\n{%- endif %}\n{%- for message in messages %}\n{{- '<|' + message.role + '|>' }}\n{%- endfor %}\n",
    "{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}{%- for message in messages[::-1] %}{%- set index = (messages|length - 1) - loop.index0 %}{%- if ns.multi_step_tool and message.role == \"user\" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}{%- set ns.multi_step_tool = false %}{%- set ns.last_query_index = index %}{%- endif %}{%- endfor %}{{ ns.last_query_index }}{{ ns.multi_step_tool }}",
    "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}{% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate') }}{% endif %}{% if loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}{{ content.strip() }}{% endfor %}",
    "{{ '<|x|>' + (messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | first) | trim }}", "{%- for tc in messages[2].tool_calls %}{{ loop.index }}. {{ tc.name }}({% for k, v in tc.arguments.items() %}{{ k }}={{ v | tojson }}{% if not loop.last %}, {% endif %}{% endfor %}){% endfor %}",
]  # fmt: skip


def rendered(template: str) -> dict:
    try:
        values = deepcopy(VALUES)  # the filter indent makes a list longer before it fails
        chats = [values.pop("messages")]
        text = render_jinja_template(chats, chat_template=template, **values)[0][0]
        return {"text": re.sub(r" at 0x[0-9a-f]+", " at 0x", text)}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}".splitlines()[0]}


if __name__ == "__main__":
    if sys.argv[1:] == ["-"]:
        print(json.dumps([rendered(template) for template in json.load(sys.stdin)]))
    else:
        templates = [f"{{{{ {expression} }}}}" for expression in PRINTED] + WHOLE
        cases = [{"template": template, **rendered(template)} for template in templates]
        made_by = f"transformers {transformers.__version__}, jinja2 {jinja2.__version__}"
        golden = {"made_by": made_by, "values": VALUES, "cases": cases}
        print(json.dumps(golden, separators=(",", ":")))
