/* The assembly of slices: the input describes up to 24 of them, 8 bytes each, which become files of 2 x 2 pixels. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "studies.h"

enum { MOST_SLICES = 24, MOST_BYTES = 2048 };

typedef struct writer {
    uint8_t bytes[MOST_BYTES];
    size_t n;
} writer;

static void put(writer *w, uint32_t tag, const char *vr, const void *value, size_t n)
{
    const uint8_t head[8] = {(uint8_t)(tag >> 16), (uint8_t)(tag >> 24), (uint8_t)tag, (uint8_t)(tag >> 8),
                             (uint8_t)vr[0],       (uint8_t)vr[1],       (uint8_t)n,   (uint8_t)(n >> 8)};
    fuzz_expect(w->n + n + 16 < MOST_BYTES, "a header is too long");
    memcpy(w->bytes + w->n, head, 8);
    memcpy(w->bytes + w->n + 8, value, n);
    w->n += 8 + n;
}

static void text(writer *w, uint32_t tag, const char *vr, const char *value)
{
    char even[200];
    size_t n = (size_t)snprintf(even, sizeof(even) - 1, "%s", value);
    if (n % 2) even[n++] = vr[0] == 'U' ? 0 : ' ';
    put(w, tag, vr, even, n);
}

static void word(writer *w, uint32_t tag, unsigned value)
{
    const uint8_t bytes[2] = {(uint8_t)value, (uint8_t)(value >> 8)};
    put(w, tag, "US", bytes, 2);
}

static const char *const orientations[] = {"1\\0\\0\\0\\1\\0",          "1\\0\\0\\0\\0\\-1",
                                           "0\\1\\0\\0\\0\\-1",         "-1\\0\\0\\0\\1\\0",
                                           "1\\0\\0\\0\\0.8\\0.6",      "1\\0\\0\\0\\1\\0.00001",
                                           "0.6\\0.8\\0\\-0.8\\0.6\\0", "1\\0\\0\\0\\0.98480775\\0.17364818"};
static const char *const spacings[] = {"1\\1", "0.7\\0.7", "1\\2", "0.7\\0.70001"};

/* One slice from 8 bytes: what differs, place along the normal, its jitter, two shifts, number, how it is split. */
static void slice(writer *w, int index, const uint8_t r[8])
{
    char line[100];
    const double z = r[1] * 2.5 + (int8_t)r[2] * 0.02, x = (int8_t)r[3] * ((r[0] & 1) ? 1.0 : 0.001),
                 y = (r[0] & 2) ? z * 0.25 : (int8_t)r[4] * 0.001;
    memset(w->bytes, 0, 128);
    memcpy(w->bytes + 128, "DICM", 4);
    w->n = 132;
    text(w, 0x00020010, "UI", "1.2.840.10008.1.2.1");
    text(w, 0x00080008, "CS", (r[6] & 1) ? "ORIGINAL\\PRIMARY\\AXIAL" : "DERIVED\\PRIMARY");
    text(w, 0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.2");
    snprintf(line, sizeof(line), "2.25.%d", (r[0] & 4) ? r[5] : 1000 + index);
    text(w, 0x00080018, "UI", line);
    text(w, 0x00080060, "CS", "CT");
    text(w, 0x00100020, "LO", (r[0] & 8) ? "P2" : "P1");
    text(w, 0x00180050, "DS", (r[6] & 2) ? "2.5" : "5");
    snprintf(line, sizeof(line), "%d", r[6] >> 4);
    text(w, 0x00180081, "DS", line);
    text(w, 0x0020000d, "UI", "2.25.1");
    snprintf(line, sizeof(line), "2.25.2%d", (r[0] >> 4) & 1);
    text(w, 0x0020000e, "UI", line);
    snprintf(line, sizeof(line), "%d", r[5]);
    text(w, 0x00200013, "IS", line);
    snprintf(line, sizeof(line), "%.6g\\%.6g\\%.6g", x, y, (r[0] & 32) ? -z : z);
    if (r[7] != 0xff) text(w, 0x00200032, "DS", line);
    text(w, 0x00200037, "DS", orientations[r[7] % 8]);
    word(w, 0x00280002, 1);
    text(w, 0x00280004, "CS", "MONOCHROME2");
    word(w, 0x00280010, 2);
    word(w, 0x00280011, 2);
    text(w, 0x00280030, "DS", spacings[(r[7] >> 4) % 4]);
    word(w, 0x00280100, 16);
    word(w, 0x00280101, 12);
    word(w, 0x00280102, 11);
    word(w, 0x00280103, 0);
    text(w, 0x00281052, "DS", "-1024");
    text(w, 0x00281053, "DS", (r[0] & 64) ? "0.5" : "1");
    const uint8_t pixels[12] = {'O', 'W', 0, 0, 8, 0, 0, 0, r[2], 1, r[3], 2};
    const uint8_t tag[4] = {0xe0, 0x7f, 0x10, 0};
    memcpy(w->bytes + w->n, tag, 4);
    memcpy(w->bytes + w->n + 4, pixels, 12);
    memset(w->bytes + w->n + 16, r[5], 4);
    w->n += 20;
    /* 12 stored bits */
    for (size_t i = w->n - 7; i < w->n; i += 2)
        w->bytes[i] &= 0x0f;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    static writer w;
    const int n = n_bytes / 8 > MOST_SLICES ? MOST_SLICES : (int)(n_bytes / 8);
    if (n == 0) return 0;
    char name[16];
    for (int i = 0; i < n; i++) {
        slice(&w, i, data + 8 * i);
        snprintf(name, sizeof(name), "%02d", i);
        fuzz_write(name, w.bytes, w.n);
    }
    for (int i = n; i < MOST_SLICES; i++) {
        snprintf(name, sizeof(name), "%02d", i);
        unlink(fuzz_path(name));
    }
    fuzz_study(fuzz_path(NULL), data[n_bytes - 1] & 1);
    return 0;
}
