"""Runs PixelMed's DicomSRValidator on reports of few marks: pixelmed.py JAR CASE... (CASE: a number of marks, plain)"""
import os
import re
import subprocess
import sys

from filed import call, images, phantom, places

RESTAGE = os.environ["RESTAGE"]
# XPath limits of Java 17 are below what its stylesheets need.
JAVA = ["java", "-Djdk.xml.xpathTotalOpLimit=0", "-Djdk.xml.xpathExprOpLimit=0", "-Djdk.xml.xpathExprGrpLimit=0", "-cp"]
# It takes the uncertainty rows of TID 310 for values that another was derived from, and tries TID 1410 on the one group
# of TID 1411.
FALSE_ONES = [r"(Template 1419 .*\[Row 1[34]\]|Template 300 .*\[Row (9|10)\]).*INFERRED FROM.*HAS PROPERTIES",
              r"Template 1410 .*\[Row [57]\].*Missing conditional content item"]


def main():
    jar, failed = sys.argv[1], 0
    phantom("scan")
    uid = next(i.SeriesInstanceUID for i in images("scan") if i.get("Modality") == "CT")
    for case in sys.argv[2:]:
        n, options = (2, ["--sr-plain"]) if case == "plain" else (int(case), [])
        code, _, err = call(RESTAGE, "run", "scan", "-o", case, "-q", "--candidates",
                            places(n, uid, f"places-{case}.csv"), *options)
        if code:
            print(f"WRONG: run ends {code}: {err[:300]}")
            return 1
        done = subprocess.run([*JAVA, jar, "com.pixelmed.validate.DicomSRValidator", f"{case}/report.sr.dcm"],
                              capture_output=True, text=True)
        lines = (done.stdout + done.stderr).splitlines()
        errors = [line for line in lines if re.search(r"\bError\b|Exception", line)]
        real = [line for line in errors if not any(re.search(f, line) for f in FALSE_ONES)]
        print(f"{case}: {len(errors)} errors, {len(real)} beyond the known false ones")
        if done.returncode or not any("validation complete" in line.lower() for line in lines):
            print("WRONG: the checker did not come to an end:", lines[-3:])
            failed = 1
        for line in real[:20]:
            print("WRONG:", line)
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
