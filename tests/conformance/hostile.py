"""Hostile files, each alone in a folder: info, run and export end as they must, within 5 s and 1 GiB, and write nothing
but what -o names.

    hostile.py named FOLDER            the 60 named files and jpeg-tem-marker.dcm
    hostile.py corpus FOLDER [EVERY]   every EVERY-th file below FOLDER: typed answers only
"""
import os
import re
import shutil
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.environ["RESTAGE_SOURCE"], "tests", "fuzz"))
import calls  # noqa: E402

PROGRAM = os.environ["RESTAGE"]
TYPED = (0, 65, 66)
SHORT = r"promises \d+ bytes of pixels"
FRAGMENT = r"fragment|compressed pixels|pixels are compressed"
BITS = "bits are impossible"
NESTING = "nested deeper than the limit nesting = 32"
NO_UID = "SOPInstanceUID is empty or no UID"
SIDES = "rows and .* columns"
FRAME_HEADER = "frame header|codestream|NEAR|compressed picture"

# What must become of each: "accept", "refuse" with a sentence, "aside" (no image), "either".
NAMED = {
    "BASELINE_valid_ct": ("accept", ""),
    "TC0243_pixeldata_OB_as_OW": ("refuse", SHORT),
    "TC0265_depth_100": ("refuse", NESTING),
    "TC0267_depth_500_raw": ("refuse", "nothing behind its 132-byte"),
    "TC0277_missing_delim": ("refuse", "truncated|not closed"),
    "TC0295_rows_zero": ("refuse", SIDES),
    "TC0297_cols_zero": ("refuse", SIDES),
    "TC0299_bits_bsstored_gt_ba": ("refuse", BITS),
    "TC0301_bits_highbit_eq_ba": ("refuse", BITS),
    "TC0317_bits_ba_128": ("refuse", BITS),
    "TC0329_rgb_spp1": ("refuse", "not grayscale"),
    "TC0343_declares_explicit_data_implicit": ("accept", ""),
    "TC0345_deflate_corrupt": ("refuse", "deflate"),
    "TC0347_deflate_truncated": ("refuse", "deflate"),
    "TC0357_stray_item_tag": ("refuse", "stray item"),
    "TC0377_no_preamble": ("accept", ""),
    "TC0391_meta_glen_zero": ("either", ""),
    "TC0393_meta_glen_one": ("either", ""),
    "TC0395_meta_glen_max": ("either", ""),
    "TC0401_invalid_ts": ("refuse", r"transfer syntax 999\.888\.777.* is not known"),
    "TC0467_uid_uid_empty": ("refuse", NO_UID),
    "TC0709_encap_frag_len_maxuint": ("refuse", FRAGMENT),
    "TC0713_encap_frag_len_2gb": ("refuse", FRAGMENT),
    "TC0715_encap_frag_len_zero": ("refuse", FRAGMENT),
    "TC0717_encap_frag_len_1_data_64": ("refuse", FRAGMENT),
    "TC0721_encap_frag_len_int_max": ("refuse", FRAGMENT),
    "TC0725_encap_bad_bot_offsets": ("refuse", FRAGMENT),
    "TC0829_px_giant_dims": ("refuse", SHORT + "|" + SIDES),
    "TC0847_rle_seg_offset_oob": ("refuse", "RLE header"),
    "TC0849_rle_15seg_all_zero": ("refuse", "RLE header"),
    "TC0855_rle_zero_segments": ("refuse", "RLE header"),
    "TC0885_pathtraversal_unix_etc": ("accept", ""),
    "TC0901_truncated_meta_group": ("refuse", "file meta"),
    "TC0911_sq_no_delim_ref_image_sq": ("either", ""),
    "TC0917_minmax_bs0": ("refuse", BITS),
    "TC0923_minmax_bs1_hb15": ("refuse", BITS),
    "TC0935_minmax_hb255": ("refuse", BITS),
    "TC0951_ect_0_frames_0pfg": ("refuse", "NumberOfFrames|[Ff]unctional [Gg]roups"),
    "TC0955_jpegls_zero_comp": ("refuse", FRAME_HEADER),
    "TC0957_jpegls_huge_near": ("refuse", FRAME_HEADER),
    "TC0961_jpegls_truncated": ("refuse", FRAME_HEADER),
    "TC0975_px_4096sq_16b": ("refuse", SHORT),
    "TC1143_oob_len_len_4GB": ("refuse", "truncated|beyond the end"),
    "TC1157_sq_item_huge_len": ("either", ""),
    "TC1177_uid_traversal_config": ("refuse", NO_UID),
    "TC1181_uid_traversal_tmp": ("refuse", NO_UID),
    "fo-dicom_GH179A": ("aside", ""),
    "fo-dicom_GH220": ("aside", ""),
    "fo-dicom_GH223": ("aside", ""),
    "fo-dicom_GH487": ("aside", ""),
    "fo-dicom_Issue1097_FailToOpenDeflatedFileWithSQ": ("aside", ""),
    "jpeg-tem-marker": ("refuse", "marker"),
    "made_deflate_bomb_48_MiB": ("refuse", "deflated .* limit"),
    "made_nested_sequences_2000": ("refuse", NESTING),
    "pydicom-data_emri_small_jpeg_2k_lossless_too_short": ("refuse", "truncated"),
    "pydicom_693_J2KI": ("accept", ""),
    "pydicom_JPEG2000-embedded-sequence-delimiter": ("either", ""),
    "pydicom_MR_truncated": ("refuse", "truncated"),
    "pydicom_UN_sequence": ("aside", ""),
    "pydicom_badVR": ("either", ""),
    "pydicom_meta_missing_tsyntax": ("refuse", "transfer syntax"),
}
# Whose pixels are those of the base file: 64 x 64, all zero.
OF_BASE = ("BASELINE", "TC03", "TC08", "TC09", "TC11")


class Checker:
    def __init__(self):
        self.wrong = 0

    def say(self, name, sentence):
        print("WRONG: %s: %s" % (name, sentence))
        self.wrong += 1

    def ask(self, name, path):
        """info, run and export of one file: {command: Call}; what is common to all files is checked here."""
        shutil.rmtree("one", ignore_errors=True)
        os.makedirs("one/in")
        shutil.copy(path, "one/in/x.dcm")  # a name that no sentence is looked for in
        before = calls.tree("one")
        ends = {}
        for command, more in (("info", ["--json"]), ("run", ["-o", "out", "-q"]), ("export", ["-o", "out.mha", "-q"])):
            end = calls.call([PROGRAM, command, "in"] + more, "one", environment=calls.sanitized())
            ends[command] = end
            if end.end != "exit" or end.code not in TYPED:
                self.say(name, "%s ends with %s: %s" % (command, end, end.err[-300:]))
        left = set(calls.tree("one")) - set(before)
        stray = [p for p in left if not (p.startswith("one/out/") or p in ("one/out", "one/out.mha"))]
        if stray:
            self.say(name, "wrote %s" % stray)
        for command, product in (("run", "one/out"), ("export", "one/out.mha")):
            if os.path.exists(product) != (ends[command].code == 0):
                self.say(name, "%s: exit %d, but its product is %s" % (command, ends[command].code, product))
        return ends

    def named(self, name, path):
        kind, sentence = NAMED[name]
        ends = self.ask(name, path)
        info, run, export = ends["info"], ends["run"], ends["export"]
        codes = (info.code, run.code, export.code)
        if kind == "refuse":
            if info.code not in (0, 65) or run.code != 65 or export.code != 65:
                self.say(name, "must be refused, ends %d %d %d: %s" % (codes + (run.err[-300:],)))
            elif not re.search(sentence, run.err):
                self.say(name, 'no "%s" in: %s' % (sentence, run.err[-300:]))
        elif kind == "aside":
            if info.code != 0 or run.code != 66 or '"set_aside"' not in info.out:
                self.say(name, "must be set aside by name, ends %d %d %d: %s" % (codes + (run.err[-300:],)))
        elif kind == "accept":
            if info.code != 0 or '"set_aside"' in info.out or '"refused": 1' in info.out:
                self.say(name, "must be read, ends %d %d %d: %s" % (codes + (run.err[-300:],)))
        if export.code == 0 and name.startswith(OF_BASE):
            head, data = open("one/out.mha", "rb").read().split(b"ElementDataFile = LOCAL\n")
            if b"DimSize = 64 64 1\n" not in head or np.frombuffer(data, "<i2").any():
                self.say(name, "exported other pixels than the base file has")


def main():
    mode, folder = sys.argv[1], sys.argv[2]
    checker = Checker()
    if mode == "named":
        for name in NAMED:
            checker.named(name, os.path.join(folder, name + ".dcm"))
        print("%d named files" % len(NAMED))
    else:
        every = int(sys.argv[3]) if len(sys.argv) > 3 else 1
        paths = sorted(os.path.join(place, f) for place, _, files in os.walk(folder) for f in files)[::every]
        for path in paths:
            checker.ask(os.path.basename(path), path)
        print("%d files of the corpus" % len(paths))
    return checker.wrong > 0


sys.exit(main())
