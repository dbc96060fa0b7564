/* Sets the elements of a data set, or of an item that was begun in it. */
#include "out.h"

#include <memory>
#include <vector>

#include "dcmtk/dcmdata/dcpixel.h"
#include "dcmtk/dcmdata/dcvrat.h"

namespace
{
const size_t most_bytes = 0xfffffffeu; /* of one element (PS3.5 7.1.1) */

/* An element of the dictionary's VR, empty, in the place of what stood there. */
DcmElement *fresh(rs_dicom_out *out, uint32_t tag, OFCondition &condition)
{
    DcmElement *element = nullptr;
    const DcmTag full(rs_out_key(tag));
    condition = DcmItem::newDicomElementWithVR(element, full);
    if (condition.good()) condition = out->here().insert(element, OFTrue);
    if (condition.bad()) {
        delete element;
        return nullptr;
    }
    return element;
}

OFCondition put_numbers(DcmElement *element, const uint32_t *values, int n)
{
    const unsigned long count = static_cast<unsigned long>(n);
    if (element->getVR() == EVR_UL) {
        const std::vector<Uint32> longs(values, values + n);
        return element->putUint32Array(longs.data(), count);
    }
    std::vector<Uint16> words;
    for (int i = 0; i < n; i++) {
        if (element->getVR() == EVR_AT)
            words.push_back(static_cast<Uint16>(values[i] >> 16));
        else if (values[i] > 0xffff)
            return EC_IllegalParameter;
        words.push_back(static_cast<Uint16>(values[i] & 0xffff));
    }
    return element->putUint16Array(words.data(), count); /* of AT, pairs */
}
} // namespace

DcmTagKey rs_out_key(uint32_t tag)
{
    return DcmTagKey(static_cast<Uint16>(tag >> 16), static_cast<Uint16>(tag & 0xffff));
}

rs_status rs_out_refused(rs_context *ctx, uint32_t tag, const OFCondition &condition)
{
    if (condition == EC_MemoryExhausted) return rs_fail_memory(ctx, "a DICOM object");
    return rs_fail(ctx, RS_DEFECT, "element (%04x,%04x) of a DICOM object cannot be set: %s", unsigned(tag >> 16),
                   unsigned(tag & 0xffff), condition.text());
}

extern "C" rs_status rs_dicom_out_begin(rs_context *ctx, rs_dicom_out *out, uint32_t sequence)
{
    return guarded(ctx, [&] {
        DcmElement *element = nullptr;
        OFCondition condition = EC_Normal;
        if (out->here().findAndGetElement(rs_out_key(sequence), element).bad() || !element)
            element = fresh(out, sequence, condition);
        if (condition.good() && element->ident() != EVR_SQ) condition = EC_InvalidVR;
        if (condition.bad()) return rs_out_refused(ctx, sequence, condition);
        out->open.reserve(out->open.size() + 1);
        std::unique_ptr<DcmItem> item(new DcmItem);
        condition = static_cast<DcmSequenceOfItems *>(element)->append(item.get());
        if (condition.bad()) return rs_out_refused(ctx, sequence, condition);
        out->open.push_back(item.release());
        return RS_OK;
    });
}

extern "C" rs_status rs_dicom_out_end(rs_context *ctx, rs_dicom_out *out)
{
    if (out->open.empty()) return rs_fail(ctx, RS_DEFECT, "no item of a DICOM object is open that could be ended");
    out->open.pop_back();
    return RS_OK;
}

extern "C" rs_status rs_dicom_out_empty(rs_context *ctx, rs_dicom_out *out, uint32_t tag)
{
    return guarded(ctx, [&] {
        OFCondition condition = EC_Normal;
        fresh(out, tag, condition);
        return condition.good() ? RS_OK : rs_out_refused(ctx, tag, condition);
    });
}

extern "C" rs_status rs_dicom_out_remove(rs_context *ctx, rs_dicom_out *out, uint32_t tag)
{
    return guarded(ctx, [&] {
        const OFCondition condition = out->here().findAndDeleteElement(rs_out_key(tag));
        return condition.good() || condition == EC_TagNotFound ? RS_OK : rs_out_refused(ctx, tag, condition);
    });
}

extern "C" rs_status rs_dicom_out_raw(rs_context *ctx, rs_dicom_out *out, uint32_t tag, const uint8_t *bytes,
                                      size_t n_bytes)
{
    return guarded(ctx, [&] {
        OFCondition condition = EC_Normal;
        DcmElement *element = fresh(out, tag, condition);
        if (condition.good() && (n_bytes > most_bytes || !element->isaString())) condition = EC_IllegalParameter;
        if (condition.good() && n_bytes > 0)
            condition = element->putString(reinterpret_cast<const char *>(bytes), static_cast<Uint32>(n_bytes));
        return condition.good() ? RS_OK : rs_out_refused(ctx, tag, condition);
    });
}

extern "C" rs_status rs_dicom_out_numbers(rs_context *ctx, rs_dicom_out *out, uint32_t tag, const uint32_t *values,
                                          int n)
{
    return guarded(ctx, [&] {
        OFCondition condition = EC_Normal;
        DcmElement *element = fresh(out, tag, condition);
        if (condition.good()) condition = put_numbers(element, values, n);
        return condition.good() ? RS_OK : rs_out_refused(ctx, tag, condition);
    });
}

extern "C" rs_status rs_dicom_out_bytes(rs_context *ctx, rs_dicom_out *out, uint32_t tag, const uint8_t *bytes,
                                        size_t n_bytes)
{
    return guarded(ctx, [&] {
        if (n_bytes > most_bytes) return rs_fail(ctx, RS_DEFECT, "more bytes than one DICOM element holds");
        std::unique_ptr<DcmElement> element;
        if (tag == RS_TAG(0x7fe0, 0x0010))
            element.reset(new DcmPixelData(DcmTag(DCM_PixelData, EVR_OB)));
        else
            element.reset(new DcmOtherByteOtherWord(DcmTag(rs_out_key(tag), EVR_OB)));
        OFCondition condition = element->putUint8Array(bytes, static_cast<unsigned long>(n_bytes));
        if (condition.good()) condition = out->here().insert(element.get(), OFTrue);
        if (condition.bad()) return rs_out_refused(ctx, tag, condition);
        element.release();
        return RS_OK;
    });
}

extern "C" rs_status rs_dicom_out_text(rs_context *ctx, rs_dicom_out *out, uint32_t tag, const char *value)
{
    return guarded(ctx, [&] {
        const DcmTagKey key = rs_out_key(tag);
        OFCondition condition = out->here().putAndInsertString(DcmTag(key), value);
        DcmElement *element = nullptr;
        if (condition.good()) condition = out->here().findAndGetElement(key, element);
        /* Any count of values; length and letters as the VR has them (PS3.5 6.2). */
        if (condition.good()) condition = element->checkValue("1-n", OFFalse);
        return condition.good() ? RS_OK : rs_out_refused(ctx, tag, condition);
    });
}

extern "C" rs_status rs_dicom_out_number(rs_context *ctx, rs_dicom_out *out, uint32_t tag, int32_t value)
{
    return guarded(ctx, [&] {
        const DcmTag full(rs_out_key(tag));
        OFCondition condition = EC_IllegalParameter;
        /* US or SS (xs in the dictionary): by the sign of the value. */
        const bool is_signed = full.getEVR() == EVR_SS || (full.getEVR() == EVR_xs && value < 0);
        if (is_signed && value >= -32768 && value <= 32767) {
            condition = out->here().putAndInsertSint16(DcmTag(rs_out_key(tag), EVR_SS), static_cast<Sint16>(value));
        } else if (!is_signed && value >= 0 && value <= 65535) {
            condition = out->here().putAndInsertUint16(DcmTag(rs_out_key(tag), EVR_US), static_cast<Uint16>(value));
        }
        return condition.good() ? RS_OK : rs_out_refused(ctx, tag, condition);
    });
}

extern "C" rs_status rs_dicom_out_pixels(rs_context *ctx, rs_dicom_out *out, const uint16_t *words, size_t n_words)
{
    return guarded(ctx, [&] {
        if (n_words > 0x7fffff00u) return rs_fail(ctx, RS_DEFECT, "more pixels than one DICOM element holds");
        std::unique_ptr<DcmPixelData> pixels(new DcmPixelData(DcmTag(DCM_PixelData, EVR_OW)));
        OFCondition condition = pixels->putUint16Array(words, static_cast<unsigned long>(n_words));
        if (condition.good()) condition = out->here().insert(pixels.get(), OFTrue);
        if (condition.bad()) return rs_out_refused(ctx, RS_TAG(0x7fe0, 0x0010), condition);
        pixels.release();
        return RS_OK;
    });
}
