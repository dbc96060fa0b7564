/* Header facts: text as UTF-8, numbers from their strings by our own grammar (integration A.2.6, A.2.11). */
#include "charset.h"
#include "file.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "restage/text.h"

std::atomic<uint64_t> rs_files_ended{0};

namespace
{
DcmItem *opened(const rs_dicom_item *item)
{
    return reinterpret_cast<DcmItem *>(const_cast<rs_dicom_item *>(item));
}

/* The elements of the data set asked last, by rising tag: the library's own search walks its list from the start, which
   makes up half of the time of a listing. Forgotten when any file ends, as last_item below. */
struct item_index {
    DcmItem *item = nullptr;
    uint64_t ended = 0;
    std::vector<DcmElement *> elements;
};
thread_local item_index indexed;
const unsigned long few = 16; /* no index for as many */

void make_index(DcmItem *item, uint64_t ended)
{
    indexed.item = nullptr;
    indexed.elements.clear();
    for (DcmObject *o = item->nextInContainer(nullptr); o; o = item->nextInContainer(o))
        indexed.elements.push_back(static_cast<DcmElement *>(o));
    indexed.item = item;
    indexed.ended = ended;
}

/* The library's own search also builds a stack of what it passes, and headers are asked for much that they lack. Its
   items are in the order of their tags. */
DcmElement *find(const rs_dicom_item *item, uint32_t tag)
{
    if (!item) return nullptr;
    DcmItem *in = opened(item);
    if (in->card() <= few) {
        for (DcmObject *o = in->nextInContainer(nullptr); o; o = in->nextInContainer(o)) {
            const uint32_t here = RS_TAG(o->getGTag(), o->getETag());
            if (here >= tag) return here == tag ? static_cast<DcmElement *>(o) : nullptr;
        }
        return nullptr;
    }
    const uint64_t ended = rs_files_ended.load(std::memory_order_relaxed);
    if (indexed.item != in || indexed.ended != ended) make_index(in, ended);
    const auto at =
        std::lower_bound(indexed.elements.begin(), indexed.elements.end(), tag,
                         [](DcmElement *e, uint32_t wanted) { return RS_TAG(e->getGTag(), e->getETag()) < wanted; });
    const bool found = at != indexed.elements.end() && RS_TAG((*at)->getGTag(), (*at)->getETag()) == tag;
    return found ? *at : nullptr;
}

DcmSequenceOfItems *find_sequence(const rs_dicom_item *item, uint32_t tag)
{
    DcmElement *element = find(item, tag);
    return element && element->ident() == EVR_SQ ? static_cast<DcmSequenceOfItems *>(element) : nullptr;
}

/* The item asked for last: the library's own list is walked from its start for every index. Used by one thread at a
   time, and forgotten when any file ends, whose memory another may get. */
struct last_item {
    DcmSequenceOfItems *sequence = nullptr;
    DcmObject *object = nullptr;
    unsigned long index = 0;
    uint64_t ended = 0;
};
thread_local last_item last;

DcmObject *item_at(DcmSequenceOfItems *sequence, unsigned long index)
{
    const uint64_t ended = rs_files_ended.load(std::memory_order_relaxed);
    if (index == 0) return sequence->getItem(0); /* of a short sequence, most often: the long one stays remembered */
    const bool next = last.sequence == sequence && last.ended == ended && last.index + 1 == index;
    DcmObject *found = next ? sequence->nextInContainer(last.object) : sequence->getItem(index);
    last.sequence = sequence;
    last.object = found;
    last.index = index;
    last.ended = ended;
    return found;
}

/* Bytes of a string element without the blanks around them; false where it is none. */
bool raw_text(DcmElement *element, std::string &out)
{
    char *value = nullptr;
    Uint32 length = 0;
    if (!element->isaString() || element->getString(value, length).bad()) return false;
    out.assign(value ? value : "", value ? length : 0);
    const size_t begin = out.find_first_not_of(' ');
    while (!out.empty() && (out.back() == ' ' || out.back() == '\0'))
        out.pop_back();
    out.erase(0, begin == std::string::npos ? out.size() : begin);
    for (char &c : out) {
        if (c == '\0') c = ' ';
    }
    return true;
}

bool is_plain(const std::string &text)
{
    for (const char c : text) {
        if (static_cast<unsigned char>(c) >= 0x80 || c == '\033') return false;
    }
    return true;
}

void to_utf8(const rs_dicom_file *file, const DcmElement *element, std::string &text)
{
    if (is_plain(text)) return;
    OFString sets;
    file->header->findAndGetOFStringArray(DCM_SpecificCharacterSet, sets);
    text = charset_to_utf8(std::string(sets.c_str(), sets.size()), text, element->ident() == EVR_PN);
}

bool binary_integer(DcmElement *element, int64_t *out)
{
    Uint16 us;
    Sint16 ss;
    Uint32 ul;
    Sint32 sl;
    switch (element->ident()) {
    case EVR_US:
        return element->getUint16(us).good() && (*out = us, true);
    case EVR_SS:
        return element->getSint16(ss).good() && (*out = ss, true);
    case EVR_UL:
        return element->getUint32(ul).good() && (*out = ul, true);
    case EVR_SL:
        return element->getSint32(sl).good() && (*out = sl, true);
    default:
        return false;
    }
}

bool binary_real(DcmElement *element, unsigned long index, double *out)
{
    Float32 f;
    if (element->ident() == EVR_FD) return element->getFloat64(*out, index).good();
    if (element->ident() != EVR_FL || element->getFloat32(f, index).bad()) return false;
    *out = static_cast<double>(f);
    return true;
}

bool parse_reals(const std::string &text, double *out, int n)
{
    size_t begin = 0;
    for (int i = 0; i < n; i++) {
        const size_t end = text.find('\\', begin);
        if ((end == std::string::npos) != (i == n - 1)) return false;
        const std::string one = text.substr(begin, end == std::string::npos ? end : end - begin);
        if (!rs_text_real(one.c_str(), &out[i]) || !std::isfinite(out[i])) return false;
        begin = end + 1;
    }
    return true;
}

rs_dicom_found find_reals(const rs_dicom_item *item, uint32_t tag, double *out, int n)
{
    double value[16];
    std::string text;
    DcmElement *element = find(item, tag);
    if (!element || element->getLength() == 0) return RS_DICOM_ABSENT;
    if (n < 1 || n > 16) return RS_DICOM_BAD;
    if (raw_text(element, text)) {
        if (text.empty()) return RS_DICOM_ABSENT;
        if (!parse_reals(text, value, n)) return RS_DICOM_BAD;
    } else {
        if (element->getVM() != static_cast<unsigned long>(n)) return RS_DICOM_BAD;
        for (int i = 0; i < n; i++) {
            if (!binary_real(element, static_cast<unsigned long>(i), &value[i]) || !std::isfinite(value[i])) {
                return RS_DICOM_BAD;
            }
        }
    }
    std::memcpy(out, value, static_cast<size_t>(n) * sizeof(double));
    return RS_DICOM_FOUND;
}

rs_dicom_found find_integer(const rs_dicom_item *item, uint32_t tag, int64_t *out)
{
    std::string text;
    int64_t value = 0;
    DcmElement *element = find(item, tag);
    if (!element || element->getLength() == 0) return RS_DICOM_ABSENT;
    if (raw_text(element, text)) {
        if (text.empty()) return RS_DICOM_ABSENT;
        text.resize(text.find('\\') == std::string::npos ? text.size() : text.find('\\'));
        if (!rs_text_integer(text.c_str(), &value)) return RS_DICOM_BAD;
    } else if (!binary_integer(element, &value)) {
        return RS_DICOM_BAD;
    }
    *out = value;
    return RS_DICOM_FOUND;
}

rs_dicom_found find_real_list(const rs_dicom_item *item, uint32_t tag, rs_arena *arena, double **out, int *n)
{
    std::string text;
    DcmElement *element = find(item, tag);
    if (!element || element->getLength() == 0) return RS_DICOM_ABSENT;
    const unsigned long most = element->getLength(); /* a value has a byte at least */
    unsigned long count = 0;
    if (raw_text(element, text)) {
        if (text.empty()) return RS_DICOM_ABSENT;
        count = 1;
        for (const char c : text)
            count += c == '\\';
    } else {
        count = element->getVM();
    }
    if (count < 1 || count > most || count > 1u << 30) return RS_DICOM_BAD;
    double *values = RS_ARENA_RAW(arena, double, count);
    if (!values) throw std::bad_alloc();
    if (!text.empty()) {
        if (!parse_reals(text, values, static_cast<int>(count))) return RS_DICOM_BAD;
    } else {
        for (unsigned long i = 0; i < count; i++)
            if (!binary_real(element, i, &values[i]) || !std::isfinite(values[i])) return RS_DICOM_BAD;
    }
    *out = values;
    *n = static_cast<int>(count);
    return RS_DICOM_FOUND;
}

bool find_raw(const rs_dicom_item *item, uint32_t tag, const uint8_t **out, size_t *n_bytes)
{
    char *text = nullptr;
    Uint8 *bytes = nullptr;
    Uint32 length = 0;
    DcmElement *element = find(item, tag);
    if (!element || element->ident() == EVR_SQ) return false;
    *out = nullptr;
    *n_bytes = 0;
    if (element->getLength() == 0) return true;
    if (element->isaString() && element->getString(text, length).good() && text)
        *out = reinterpret_cast<const uint8_t *>(text);
    else if (element->getUint8Array(bytes).good() && bytes) /* UN */
        *out = bytes;
    else
        return false;
    *n_bytes = element->isaString() ? length : element->getLength();
    return true;
}

bool find_bytes(const rs_dicom_item *item, uint32_t tag, const uint8_t **out, size_t *n_bytes)
{
    Uint16 *words = nullptr;
    Sint16 *shorts = nullptr;
    Uint8 *bytes = nullptr;
    DcmElement *element = find(item, tag);
    if (!element || element->getLength() == 0) return false;
    if (element->getUint8Array(bytes).good() && bytes)
        *out = bytes;
    else if (element->getUint16Array(words).good() && words)
        *out = reinterpret_cast<const uint8_t *>(words);
    else if (element->getSint16Array(shorts).good() && shorts)
        *out = reinterpret_cast<const uint8_t *>(shorts);
    else
        return false;
    *n_bytes = element->getLength();
    return true;
}
} // namespace

extern "C" const rs_dicom_item *rs_dicom_file_root(const rs_dicom_file *file)
{
    return reinterpret_cast<const rs_dicom_item *>(static_cast<DcmItem *>(file->header.get()));
}

extern "C" int rs_dicom_item_count(const rs_dicom_item *item, uint32_t sequence)
{
    try {
        DcmSequenceOfItems *found = find_sequence(item, sequence);
        return found ? static_cast<int>(found->card()) : 0;
    } catch (...) {
        return 0;
    }
}

extern "C" const rs_dicom_item *rs_dicom_item_at(const rs_dicom_item *item, uint32_t sequence, int index)
{
    try {
        DcmSequenceOfItems *found = find_sequence(item, sequence);
        if (!found || index < 0 || index >= static_cast<int>(found->card())) return nullptr;
        return reinterpret_cast<const rs_dicom_item *>(item_at(found, static_cast<unsigned long>(index)));
    } catch (...) {
        return nullptr;
    }
}

extern "C" bool rs_dicom_item_has(const rs_dicom_item *item, uint32_t tag)
{
    try {
        DcmElement *element = find(item, tag);
        if (!element) return false;
        return element->ident() == EVR_SQ ? rs_dicom_item_count(item, tag) > 0 : element->getLength() > 0;
    } catch (...) {
        return false;
    }
}

extern "C" const char *rs_dicom_item_text(const rs_dicom_file *file, const rs_dicom_item *item, uint32_t tag,
                                          rs_arena *arena)
{
    try {
        std::string text;
        DcmElement *element = find(item, tag);
        if (!element || !raw_text(element, text)) return "";
        to_utf8(file, element, text);
        return rs_arena_text(arena, text.c_str());
    } catch (...) {
        return nullptr;
    }
}

extern "C" rs_dicom_found rs_dicom_item_integer(const rs_dicom_item *item, uint32_t tag, int64_t *out)
{
    try {
        return find_integer(item, tag, out);
    } catch (...) {
        return RS_DICOM_BAD;
    }
}

extern "C" rs_dicom_found rs_dicom_item_reals(const rs_dicom_item *item, uint32_t tag, double *out, int n)
{
    try {
        return find_reals(item, tag, out, n);
    } catch (...) {
        return RS_DICOM_BAD;
    }
}

extern "C" rs_dicom_found rs_dicom_item_real_list(const rs_dicom_item *item, uint32_t tag, rs_arena *arena,
                                                  double **out, int *n)
{
    try {
        return find_real_list(item, tag, arena, out, n);
    } catch (...) {
        return RS_DICOM_BAD;
    }
}

extern "C" bool rs_dicom_item_bytes(const rs_dicom_item *item, uint32_t tag, const uint8_t **out, size_t *n_bytes)
{
    try {
        return find_bytes(item, tag, out, n_bytes);
    } catch (...) {
        return false;
    }
}

extern "C" bool rs_dicom_item_raw(const rs_dicom_item *item, uint32_t tag, const uint8_t **out, size_t *n_bytes)
{
    try {
        return find_raw(item, tag, out, n_bytes);
    } catch (...) {
        return false;
    }
}

extern "C" const char *rs_dicom_file_text(const rs_dicom_file *file, uint32_t tag, rs_arena *arena)
{
    return rs_dicom_item_text(file, rs_dicom_file_root(file), tag, arena);
}

extern "C" rs_dicom_found rs_dicom_file_integer(const rs_dicom_file *file, uint32_t tag, int64_t *out)
{
    return rs_dicom_item_integer(rs_dicom_file_root(file), tag, out);
}

extern "C" rs_dicom_found rs_dicom_file_reals(const rs_dicom_file *file, uint32_t tag, double *out, int n)
{
    return rs_dicom_item_reals(rs_dicom_file_root(file), tag, out, n);
}
