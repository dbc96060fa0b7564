"""The tables of the ruler as Markdown: every number comes from `restage evaluate --json`."""
from ruler_parts import score

AT = score.AT
TRAINED = "background used in training"
NAMES = {"report": "phantoms, report seeds", "beside": "phantoms beside insertions, report seeds",
         "tune": "phantoms, tune seeds: used in training",
         "insertion": "synthetic lesions in real scans: " + TRAINED,
         "real tune": "real scans: " + TRAINED, "real judged": "real scans, only judged"}
RANKER_SETS = {"report": NAMES["report"], "beside, 1 mm": NAMES["beside"] + ", 1 mm",
               "r01-001": "synthetic lesions in r01-001 (1 mm): " + TRAINED, "insertion": NAMES["insertion"]}
COLUMNS = ("report", "beside", "insertion", "real tune", "real judged")
SHORT = {"report": "synthetic patients", "beside": "synthetic patients with many lesions",
         "insertion": "synthetic lesions in real scans; " + TRAINED, "real tune": "real; " + TRAINED,
         "real judged": "real, only judged"}
RANKERS = {"log.csv": "LoG alone, normalised", "ratio.csv": "LoG x max(e3/e1, 0.05), normalised (science C2.2)",
           "answer.csv": "LoG x max(e3/e1, 0.05), the filter's own answer"}
HARD_C6 = {"1": 0.11, "2": 0.26, "4": 0.33, "8": 0.44}  # LoG x e3/e1 in a real chest, science C6.2


KEPT = ("rules", "operating_point", "strata", "measured", "calibration", "completeness")
STRATA = ("all", "size", "attachment", "density", "shape", "thickness", "side")
DROPPED = ("curve", "curve_columns", "band", "band_columns")


def thin_tree(value):
    """Without curves and the reasons of what is null."""
    if isinstance(value, dict):
        return {k: thin_tree(v) for k, v in value.items() if k not in DROPPED and not k.endswith("_reason")}
    return [thin_tree(v) for v in value] if isinstance(value, list) else value


def thin(evaluation, keep):
    out = thin_tree({k: v for k, v in evaluation.items() if k in keep})
    out["rules"] = [r for r in out["rules"] if r["scans"] == "all"]
    out["strata"] = [s for s in out["strata"] if s["by"] in STRATA and (s["n"] or s["by"] in ("size", "thickness"))]
    if "measured" in out:
        out["measured"] = [m for m in out["measured"] if m["by"] in ("all", "size", "attachment") and m["n"]]
    return out


def thinned(numbers):
    """What the tables need, for ruler.json."""
    numbers = dict(numbers)
    numbers["sets"] = {name: {"all": thin(pair["all"], KEPT + (("scans",) if name.startswith("real") else ())),
                              "from 3 mm": thin(pair["from 3 mm"], ("rules", "strata"))}
                       for name, pair in numbers.get("sets", {}).items()}
    numbers["rankers"] = {table: {name: thin(e, ("rules", "strata")) for name, e in each.items()}
                          for table, each in numbers.get("rankers", {}).items()}
    for key in ("from 4 mm", "uncapped", "from 10 mm"):
        numbers[key] = {name: thin(e, ("rules", "strata")) for name, e in numbers.get(key, {}).items()}
    numbers["chests"] = {chest: thin(e, ("rules", "strata", "operating_point"))
                         for chest, e in numbers.get("chests", {}).items()}
    return numbers


def number(value, form="%.2f"):
    return "none" if value is None else form % value


def bounds(value, low, high, n=None, form="%.2f"):
    if value is None or n == 0:
        return "none"
    text = form % value
    if low is not None:
        text += (" (" + form + " to " + form + ")") % (low, high)
    return text + (", %d" % n if n is not None else "")


def row(*columns):
    return "| " + " | ".join(str(c) for c in columns) + " |\n"


def head(*columns):
    return row(*columns) + row(*["---"] * len(columns))


def at_point(stratum):
    return bounds(stratum["at_point"], stratum["at_point_low"], stratum["at_point_high"], stratum["n"]) if stratum else "none"


def at_few(stratum, key):
    if not stratum:
        return "none"
    at = stratum["at_false_marks"][key]
    return bounds(at["sensitivity"], at["low"], at["high"], stratum["n"])


def there(sets, columns):
    """Of the sets those that were measured: another detector's table may know only some."""
    return tuple(c for c in columns if c in sets)


def names_of(sets, columns, by):
    """Names of the strata that any set has lesions of, in evaluate's order."""
    names = []
    for column in columns:
        for name, stratum in score.strata(sets[column]["all"], by).items():
            if name not in names and stratum["n"]:
                names.append(name)
    order = list(score.strata(sets[columns[0]]["all"], by))
    return sorted(names, key=lambda n: (order.index(n) if n in order else 99, n))


def by_stratum(sets, columns, by, cell, naming=NAMES):
    columns = there(sets, columns)
    if not columns:
        return "None of these sets was measured.\n"
    text = head(by, *["%s, n" % naming[c] for c in columns])
    for name in names_of(sets, columns, by):
        text += row(name, *[cell(score.strata(sets[c]["all"], by).get(name)) for c in columns])
    return text


def overall(sets):
    text = head("set", "scans", "lesions", "marks a scan", "marks on no listed lesion: a scan", "a litre",
                "CPM, LUNA16's rule", "CPM, max(D/2, 3 mm)", "found in all")
    for name, pair in sets.items():
        e, point = pair["from 3 mm"], pair["all"]["operating_point"]
        luna, reach = score.rule(e, "luna16"), score.rule(e, "reach")
        text += row(NAMES[name], luna["counts"]["scans"], luna["counts"]["findings"],
                    number(point["shown"] / max(luna["counts"]["scans"], 1), "%.1f"), number(point["false_a_scan"], "%.1f"),
                    number(point["false_a_litre"]), bounds(luna["cpm"], luna["cpm_low"], luna["cpm_high"]),
                    bounds(reach["cpm"], reach["cpm_low"], reach["cpm_high"]), number(luna["greatest_sensitivity"]))
    return text


def few_marks(sets):
    text = head("lesions of 3 mm and more", *["at %s" % a for a in AT])
    for name, pair in sets.items():
        r = score.rule(pair["from 3 mm"], "luna16")
        text += row(NAMES[name], *[bounds(r["sensitivity_at"][a], r["sensitivity_at_low"][a], r["sensitivity_at_high"][a])
                                   for a in AT])
    return text


def among_first(found, n):
    return bounds(found / n if n else None, *score.wilson(found, n), form="%.3f")


def first_30(evaluations):
    text = head("lesions of 4 mm and more", "attachment, n", "among the first 30 candidates of their scan",
                "before the 31st false one")
    for name, e in evaluations.items():
        for kind in ("free", "attached"):
            parts = [score.strata(e, "attachment").get(p) for p in score.KINDS[kind]]
            n, first, alone = (sum(p[key] for p in parts if p) for key in ("n", "found_first_30", "found_first_30_false"))
            text += row(NAMES[name], "%s, %d" % (kind, n), among_first(first, n), among_first(alone, n))
    return text


def alike(numbers):
    text = ""
    for key, words in (("point", "at the default operating point"), ("4", "at 4 marks a scan on no listed lesion")):
        text += "\n%s:\n\n" % words.capitalize()
        text += head("lesions of 3 to 10 mm", "phantoms, at the insertions' slices and sizes", "n",
                     "synthetic lesions in real scans: " + TRAINED, "n", "phantom minus insertion", "within 0.10")
        for name in ("free", "vessel", "wall", "all"):
            a = numbers[key][name]
            if a is None:
                text += row(name, *["none"] * 6)
                continue
            text += row(name, number(a["phantom"]), a["n_phantom"], number(a["insertion"]), a["n_insertion"],
                        bounds(a["difference"], a["low"], a["high"], form="%+.2f"), "yes" if a["within"] else "NO")
    return text


def measured_rows(sets, columns):
    text = head("set, lesions", "marks on a lesion", "with a fit", "bias, mm", "limits of agreement, mm",
                "relative bias of volume", "fit_low to fit_high covers", "low to high covers", "median width, mm",
                "definite classes", "of them wrong", "near 5 mm", "indeterminate")
    for column in there(sets, columns):
        for m in sets[column]["all"]["measured"]:
            name = NAMES[column] if m["by"] == "all" else "%s: %s" % (column, m["name"])
            text += row(name, m["n"], m["n_fit"], number(m["bias_mm"], "%+.2f"),
                        "none" if m["agreement_low_mm"] is None else "%+.2f to %+.2f" % (m["agreement_low_mm"], m["agreement_high_mm"]),
                        number(m["volume_bias"], "%+.2f"),
                        bounds(m["fit_coverage"], m["fit_coverage_low"], m["fit_coverage_high"]),
                        bounds(m["decided_coverage"], m["decided_coverage_low"], m["decided_coverage_high"]),
                        number(m["median_width_mm"]), m["definite"], m["wrong"], m["near"], m["indeterminate"])
    return text


def calibration(sets, columns):
    text = head("set", "marks with P of 0.05 and more", "mean error", "slope", "intercept", "Brier",
                "mean P: share that is a lesion, by bins of equal number")
    for column in there(sets, columns):
        c = sets[column]["all"]["calibration"]
        bins = "; ".join("%.2f: %.2f" % (b["mean_p"], b["share"]) for b in c["bins"])
        text += row(NAMES[column], c["n"], number(c["error"], "%.3f"), number(c["slope"]), number(c["intercept"], "%+.2f"),
                    number(c["brier"], "%.3f"), bins or "none")
    return text


def completeness(sets, columns):
    text = head("set", "patients", "with a lesion of 5 mm and more", "of them every one is marked")
    for column in there(sets, columns):
        c = sets[column]["all"]["completeness"]
        text += row(NAMES[column], c["patients"], c["with_lesions"], bounds(c["share"], c["low"], c["high"]))
    return text


def real_scans(numbers):
    text = head("scan", "what for", "slices, mm", "marks", "litres searched", "marks a litre", "listed lesions",
                "of them found by any candidate")
    for column, words in (("real tune", TRAINED), ("real judged", "only judged")):
        for scan in numbers["sets"][column]["all"]["scans"] if column in numbers["sets"] else ():
            litres = scan["searched_litres"]
            text += row(numbers["real_names"].get(scan["series_uid"], "?"), words, number(scan["thickness_mm"], "%.2g"),
                        scan["shown"], number(litres), number(scan["shown"] / litres if litres else None, "%.1f"),
                        scan["findings"], scan["found"])
    return text


def chests(numbers):
    text = head("chest", "insertions", "lesions", "free", "vessel", "wall", "marks on no lesion, a litre")
    for chest, e in numbers["chests"].items():
        parts = ["%d of %d" % score.attached(e, name, "point")[::-1] for name in ("free", "vessel", "wall")]
        counts = score.rule(e, "luna16")["counts"]
        text += row(chest + ": " + TRAINED, counts["scans"], counts["findings"], *parts,
                    number(e["operating_point"]["false_a_litre"]))
    return text


def rankers(numbers):
    text = head("ranker, lesions of 3 mm and more", "set", "CPM, LUNA16's rule", *["at %s" % a for a in AT])
    for table, words in RANKERS.items():
        for name, e in numbers["rankers"][table].items():
            r = score.rule(e, "luna16")
            text += row(words, RANKER_SETS[name], number(r["cpm"], "%.3f"), *[number(r["sensitivity_at"][a]) for a in AT])
    return text + row("LoG x max(e3/e1, 0.05)", "a real chest, science C6.2", "", *["%.2f" % HARD_C6[a] for a in AT])


def whole(numbers):
    sets = numbers["sets"]
    who = "Another detector's marks (%s)" % numbers["marks"] if numbers["marks"] else "restage " + numbers["program"]
    counts = "; ".join("%s: %s" % (NAMES[name], ", ".join("%d of %s" % (n, g) for g, n in groups.items()))
                       for name, groups in numbers["scans"].items())
    text = "# The ruler\n\n%s. Made by `bench/ruler.py`, scored by `restage evaluate`.\n\n" % who
    if numbers["quick"]:
        text += "**A quick run of a few scans: not the measurement.**\n\n"
    text += ("Scans: %s.\n\nPhantoms and inserted lesions are *synthetic*. Real scans have lists of lesions that are lower "
             "bounds: a mark elsewhere is not thereby false. Shares have 95 %% bounds: Wilson's, by bootstrap over scans "
             "for CPM and at so many false marks. \"None\": there are no such lesions, or the marks do not reach so far.\n"
             % counts)
    text += "\n## All\n\nLesions of 3 mm and more.\n\n" + overall(sets)
    text += "\n## Sensitivity by size, at the default operating point\n\n" + by_stratum(sets, COLUMNS, "size", at_point)
    text += "\n## Sensitivity at 1, 2, 4 and 8 false marks a scan\n\n" + few_marks(sets)
    for a in AT:
        text += "\nBy size, at %s:\n\n" % a + by_stratum(sets, COLUMNS, "size", lambda s: at_few(s, a))
    if numbers["from 4 mm"]:
        text += ("\n## Among the first 30\n\nA patient may have more lesions than that: in the last column other lesions "
                 "take no place.\n\n" + first_30(numbers["from 4 mm"]))
    text += "\n## By attachment, phantoms beside insertions\n"
    text += alike(numbers["alike"]) if numbers["alike"] else "\nNot measured.\n"
    text += "\nAs they are, every size, at the default operating point:\n\n" + \
        by_stratum(sets, ("report", "beside", "insertion"), "attachment", at_point)
    text += "\n## By density, shape, slices and side, at the default operating point\n"
    for by in ("density", "shape", "thickness", "side"):
        text += "\n" + by_stratum(sets, ("report", "beside", "insertion"), by, at_point)
    text += "\n## Chests with insertions, found at the default operating point\n\n" + chests(numbers)
    text += "\n## Sizes of marks that hit a lesion\n\n" + measured_rows(sets, ("report", "beside", "insertion", "real judged"))
    text += "\n## Calibration of P\n\n" + calibration(sets, ("report", "tune", "insertion"))
    text += "\n## Completeness, at the default operating point\n\n" + completeness(sets, ("report", "tune"))
    text += "\n## Real scans, at the default operating point\n\n" + real_scans(numbers)
    if numbers["rankers"]:
        text += "\n## Rankers without learning, on the same candidates\n\n" + rankers(numbers)
    return text


def judged(numbers):
    text = ("# Synthetic lesions in scans that are only judged\n\nrestage %s. Measured once; never a reason to change "
            "anything. Cut-outs are of patients that are used for nothing else.\n\n" % numbers["program"])
    if numbers["quick"]:
        text += "**A quick run of a few scans: not the measurement.**\n\n"
    text += head("chest", "lesions", "free, n", "attached, n", "vessel, n", "wall, n", "marks on no listed lesion, a litre",
                 "CPM, LUNA16's rule, from 3 mm", *["at %s" % a for a in AT])
    for chest, pair in numbers["sets"].items():
        found = {name: score.attached(pair["all"], name, "point") for name in ("free", "vessel", "wall")}
        found["attached"] = tuple(a + b for a, b in zip(found["vessel"], found["wall"]))
        shares = [bounds(k / n if n else None, *score.wilson(k, n), n=n)
                  for n, k in (found[name] for name in ("free", "attached", "vessel", "wall"))]
        r = score.rule(pair["from 3 mm"], "luna16")
        text += row(chest, sum(found[n][0] for n in ("free", "attached")), *shares,
                    number(pair["all"]["operating_point"]["false_a_litre"]), bounds(r["cpm"], r["cpm_low"], r["cpm_high"]),
                    *[number(r["sensitivity_at"][a]) for a in AT])
    sets = numbers["sets"]
    text += "\nBy size, at the default operating point:\n\n" + \
        by_stratum(sets, tuple(sets), "size", at_point, {name: name for name in sets})
    text += ("\nEvery candidate counted, not the best 100 of a scan; a hit lies within half the diameter or 3 mm:\n\n" +
             judged_few(numbers))
    text += ("\nA scan has 60 lesions, more than its first 30 candidates can hold: in the last column other lesions take no "
             "place.\n\n" + judged_first(numbers))
    text += ("\nReal nodules (cut-outs) beside lesions by formula, 3 to 10 mm, at so many false candidates a scan:\n\n" +
             judged_sources(numbers))
    return text


def judged_first(numbers):
    """Of lesions of 4 to 10 mm: what is from 4 mm on less what is from 10 mm on."""
    text = head("chest", "lesions of 4 to 10 mm, n", "among the first 30 candidates of their scan", "before the 31st false one")
    for chest, e in numbers["from 4 mm"].items():
        for kind in ("free", "attached"):
            counts = []
            for key in ("n", "found_first_30", "found_first_30_false"):
                least, most = (sum(s[key] for s in (score.strata(x, "attachment").get(p) for p in score.KINDS[kind]) if s)
                               for x in (e, numbers["from 10 mm"][chest]))
                counts.append(least - most)
            text += row(chest, "%s, %d" % (kind, counts[0]), *[among_first(k, counts[0]) for k in counts[1:]])
    return text


def judged_few(numbers):
    text = head("chest", "lesions of 3 mm and more", *["at %s" % a for a in AT + ("64",)])
    for chest, e in numbers["uncapped"].items():
        whole = score.strata(e, "all")["all"]
        text += row(chest, whole["n"], *[number(whole["at_false_marks"][a]["sensitivity"], "%.3f") for a in AT + ("64",)])
    return text


def judged_sources(numbers):
    text = head("chest", "at", "formula, at the cut-outs' sizes and attachments", "n", "cut-outs", "n", "formula minus cut-out")
    for chest, keys in numbers["sources"].items():
        for key, a in keys.items():
            text += row(chest, key, *(["none"] * 5 if a is None else [
                number(a["phantom"], "%.3f"), a["n_phantom"], number(a["insertion"], "%.3f"), a["n_insertion"],
                bounds(a["difference"], a["low"], a["high"], form="%+.3f")]))
    return text


def short(numbers):
    """For the README."""
    sets = numbers["sets"]
    columns = there(sets, ("report", "insertion", "real tune", "real judged"))
    text = "Measured with restage %s" % numbers["program"]
    text += " in a quick run of a few scans; " if numbers["quick"] else "; "
    text += ("sensitivity at the default operating point, 95 % bounds, number of lesions. Lists of real lesions are lower "
             "bounds.\n\n")
    text += by_stratum(sets, columns, "size", at_point, SHORT)
    text += "\n" + head("", *[SHORT[c] for c in columns])
    for words, value in (
            ("scans", lambda e: score.rule(e, "luna16")["counts"]["scans"]),
            ("marks a scan", lambda e: number(e["operating_point"]["shown"] / score.rule(e, "luna16")["counts"]["scans"], "%.1f")),
            ("marks on no listed lesion, a scan", lambda e: number(e["operating_point"]["false_a_scan"], "%.1f")),
            ("the same, a litre searched", lambda e: number(e["operating_point"]["false_a_litre"]))):
        text += row(words, *[value(sets[c]["all"]) for c in columns])
    rules = [score.rule(sets[c]["from 3 mm"], "luna16") for c in columns]
    text += row("CPM from 3 mm, LUNA16's rule", *[bounds(r["cpm"], r["cpm_low"], r["cpm_high"]) for r in rules])
    for a in AT:
        text += row("sensitivity from 3 mm at %s false a scan" % a, *[number(r["sensitivity_at"][a]) for r in rules])
    sizes = [next((m for m in sets[c]["all"]["measured"] if m["by"] == "all"), None) for c in columns]
    text += row("bias of the fitted diameter, mm", *[number(m and m["bias_mm"], "%+.2f") for m in sizes])
    text += row("its 95 % interval covers", *[
        bounds(m["fit_coverage"], m["fit_coverage_low"], m["fit_coverage_high"], m["n_fit"]) if m else "none" for m in sizes])
    return text + "\n`bench/results/ruler.md` has the rest.\n"


def put_into(path, text):
    with open(path, encoding="utf-8") as f:
        page = f.read()
    begin, end = "<!-- ruler -->\n", "<!-- /ruler -->"
    before, rest = page.split(begin)
    with open(path, "w", encoding="utf-8") as f:
        f.write(before + begin + text + end + rest.split(end)[1])
