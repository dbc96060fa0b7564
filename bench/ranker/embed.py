#!/usr/bin/env python3
"""Writes src/detect/ranker_weights.inc, the built-in ranker, from a ranker file (schema restage-ranker-1).

    python3 bench/ranker/embed.py RANKER.json > src/detect/ranker_weights.inc
"""
import hashlib
import json
import sys
import textwrap


def text(value):
    return json.dumps(value, ensure_ascii=True)


def array(kind, name, numbers):
    return "static const %s %s[] = {\n%s};\n" % (kind, name, "\n".join(textwrap.wrap(", ".join(numbers), 116)))


def single(value):
    literal = "%.9g" % value
    return literal + ("F" if "." in literal or "e" in literal else ".0F")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], "rb") as f:
        content = f.read()
    ranker = json.loads(content)
    names = ("ranker_first", "ranker_second")
    out = "/* The built-in ranker; written by bench/ranker/embed.py, do not edit.\n%s */\n// clang-format off\n" % \
        textwrap.indent("\n".join(textwrap.wrap(ranker["provenance"], 110)), "   ")
    shapes = []
    for name, net in zip(names, ranker["networks"]):
        out += array("float", name, [single(w) for w in net["weights"]])
        shapes.append("{%d, %d, %d, %d, %d}" % tuple(net[k] for k in ("rays", "channels", "deep", "degrees", "hidden")))
    n = len(shapes)
    fields = [".name = %s" % text(ranker["name"]), ".provenance = %s" % text(ranker["provenance"]),
              ".sha256 = \"%s\"" % hashlib.sha256(content).hexdigest(), ".shape = {%s}" % ", ".join(shapes),
              ".weights = {%s}" % ", ".join(names[:n]), ".n_networks = %d" % n, ".keep = %d" % ranker["keep"]]
    if "calibration" in ranker:
        c = ranker["calibration"]
        out += array("double", "ranker_score", ["%.6g" % s for s in c["score"]])
        out += array("double", "ranker_p", ["%.6g" % p for p in c["p"]])
        fields.append(".calibration = {ranker_score, ranker_p, %d, %s}" % (len(c["p"]), text(c["basis"])))
    if "points" in ranker:
        points = ["{%s, %.6g, %.4g, %.4g, %s}" % (text(p["name"]), p["p"], p["false_marks_per_litre"],
                                                 p["false_marks_per_scan"], text(p["basis"])) for p in ranker["points"]]
        fields += [".points = {%s}" % ",\n               ".join(points), ".n_points = %d" % len(points)]
    sys.stdout.write(out + "static const rs_ranker built_in = {\n    %s};\n// clang-format on\n" % ",\n    ".join(fields))


main()
