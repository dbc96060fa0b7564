/* The table of transfer syntaxes (DICOM PS3.6 table A-1). */
#include "syntax.h"

#include <string.h>

// clang-format off
static const rs_syntax table[] = {
    {"1.2.840.10008.1.2",       "Implicit VR Little Endian",            RS_CODEC_NONE,         true,  false, false, {0, 0}},
    {"1.2.840.10008.1.2.1",     "Explicit VR Little Endian",            RS_CODEC_NONE,         false, false, false, {0, 0}},
    {"1.2.840.10008.1.2.1.99",  "Deflated Explicit VR Little Endian",   RS_CODEC_NONE,         false, false, true,  {0, 0}},
    {"1.2.840.10008.1.2.2",     "Explicit VR Big Endian",               RS_CODEC_NONE,         false, true,  false, {0, 0}},
    {"1.2.840.10008.1.2.4.50",  "JPEG Baseline",                        RS_CODEC_JPEG,         false, false, false, {0xc0, 0xc1}},
    {"1.2.840.10008.1.2.4.51",  "JPEG Extended",                        RS_CODEC_JPEG,         false, false, false, {0xc0, 0xc1}},
    {"1.2.840.10008.1.2.4.53",  "JPEG Spectral Selection",              RS_CODEC_JPEG,         false, false, false, {0xc2, 0xc2}},
    {"1.2.840.10008.1.2.4.55",  "JPEG Full Progression",                RS_CODEC_JPEG,         false, false, false, {0xc2, 0xc2}},
    {"1.2.840.10008.1.2.4.57",  "JPEG Lossless",                        RS_CODEC_JPEG,         false, false, false, {0xc3, 0xc3}},
    {"1.2.840.10008.1.2.4.70",  "JPEG Lossless, first-order",           RS_CODEC_JPEG,         false, false, false, {0xc3, 0xc3}},
    {"1.2.840.10008.1.2.4.80",  "JPEG-LS Lossless",                     RS_CODEC_JPEG_LS,      false, false, false, {0xf7, 0xf7}},
    {"1.2.840.10008.1.2.4.81",  "JPEG-LS Near-lossless",                RS_CODEC_JPEG_LS,      false, false, false, {0xf7, 0xf7}},
    {"1.2.840.10008.1.2.5",     "RLE Lossless",                         RS_CODEC_RLE,          false, false, false, {0, 0}},
    {"1.2.840.10008.1.2.1.98",  "Encapsulated Uncompressed",            RS_CODEC_ENCAPSULATED, false, false, false, {0, 0}},
    {"1.2.840.10008.1.2.4.90",  "JPEG 2000 Lossless",                   RS_CODEC_J2K,          false, false, false, {0, 0}},
    {"1.2.840.10008.1.2.4.91",  "JPEG 2000",                            RS_CODEC_J2K,          false, false, false, {0, 0}},
    {"1.2.840.10008.1.2.4.92",  "JPEG 2000 Part 2 Lossless",            RS_CODEC_FOREIGN,      false, false, false, {0, 0}},
    {"1.2.840.10008.1.2.4.93",  "JPEG 2000 Part 2",                     RS_CODEC_FOREIGN,      false, false, false, {0, 0}},
    {"1.2.840.10008.1.2.4.94",  "JPIP Referenced",                      RS_CODEC_FOREIGN,      false, false, false, {0, 0}},
    {"1.2.840.10008.1.2.4.95",  "JPIP Referenced Deflate",              RS_CODEC_FOREIGN,      false, false, true,  {0, 0}},
    {"1.2.840.10008.1.2.4.100", "MPEG2 Main Profile",                   RS_CODEC_FOREIGN,      false, false, false, {0, 0}},
    {"1.2.840.10008.1.2.4.101", "MPEG2 High Level",                     RS_CODEC_FOREIGN,      false, false, false, {0, 0}},
    {"1.2.840.10008.1.2.4.102", "MPEG-4 AVC/H.264",                     RS_CODEC_FOREIGN,      false, false, false, {0, 0}},
    {"1.2.840.10008.1.2.4.103", "MPEG-4 AVC/H.264 BD",                  RS_CODEC_FOREIGN,      false, false, false, {0, 0}},
    {"1.2.840.10008.1.2.4.104", "MPEG-4 AVC/H.264 2D",                  RS_CODEC_FOREIGN,      false, false, false, {0, 0}},
    {"1.2.840.10008.1.2.4.105", "MPEG-4 AVC/H.264 3D",                  RS_CODEC_FOREIGN,      false, false, false, {0, 0}},
    {"1.2.840.10008.1.2.4.106", "MPEG-4 AVC/H.264 Stereo",              RS_CODEC_FOREIGN,      false, false, false, {0, 0}},
    {"1.2.840.10008.1.2.4.107", "HEVC/H.265 Main",                      RS_CODEC_FOREIGN,      false, false, false, {0, 0}},
    {"1.2.840.10008.1.2.4.108", "HEVC/H.265 Main 10",                   RS_CODEC_FOREIGN,      false, false, false, {0, 0}},
    {"1.2.840.10008.1.2.4.110", "JPEG XL Lossless",                     RS_CODEC_FOREIGN,      false, false, false, {0, 0}},
    {"1.2.840.10008.1.2.4.111", "JPEG XL JPEG Recompression",           RS_CODEC_FOREIGN,      false, false, false, {0, 0}},
    {"1.2.840.10008.1.2.4.112", "JPEG XL",                              RS_CODEC_FOREIGN,      false, false, false, {0, 0}},
    {"1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000 Lossless",   RS_CODEC_HTJ2K,        false, false, false, {0, 0}},
    {"1.2.840.10008.1.2.4.202", "High-Throughput JPEG 2000 RPCL",       RS_CODEC_HTJ2K,        false, false, false, {0, 0}},
    {"1.2.840.10008.1.2.4.203", "High-Throughput JPEG 2000",            RS_CODEC_HTJ2K,        false, false, false, {0, 0}},
};
// clang-format on

const rs_syntax *rs_syntax_find(const char *uid)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (strcmp(table[i].uid, uid) == 0) return &table[i];
    }
    return NULL;
}
