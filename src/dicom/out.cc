/* Writes data sets: file meta and Explicit VR Little Endian as bytes; their elements are set in out_set.cc. The file
   meta is written by hand, so that implementation UID and version name are ours and the same elements give the same
   bytes. */
#include "out.h"
#include "guard.h"

#include <cstring>
#include <memory>
#include <string>

#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmdata/dcostrmb.h"
#include "dcmtk/dcmdata/dcpixel.h"
#include "dcmtk/dcmdata/dctk.h"

namespace
{
/* UUID version 5 of the URL name space for "restage implementation class", as PS3.5 B.2 writes it. */
const char implementation_uid[] = "2.25.109902953025388356084635005169264906302";
const char implementation_name[] = "RESTAGE_0_1";

void add_word(std::string &bytes, size_t value, int n_bytes)
{
    for (int i = 0; i < n_bytes; i++)
        bytes.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
}

void add_meta(std::string &bytes, unsigned element, const char *vr, std::string value)
{
    if (value.size() % 2) value.push_back(std::strcmp(vr, "UI") == 0 ? '\0' : ' ');
    add_word(bytes, 0x0002, 2);
    add_word(bytes, element, 2);
    bytes.append(vr, 2);
    if (std::strcmp(vr, "OB") == 0) {
        add_word(bytes, 0, 2);
        add_word(bytes, value.size(), 4);
    } else {
        add_word(bytes, value.size(), 2);
    }
    bytes += value;
}

/* Preamble and group 0002 (PS3.10 7.1). */
std::string file_meta(const std::string &sop_class, const std::string &sop_instance)
{
    std::string group;
    add_meta(group, 0x0001, "OB", std::string("\0\1", 2));
    add_meta(group, 0x0002, "UI", sop_class);
    add_meta(group, 0x0003, "UI", sop_instance);
    add_meta(group, 0x0010, "UI", UID_LittleEndianExplicitTransferSyntax);
    add_meta(group, 0x0012, "UI", implementation_uid);
    add_meta(group, 0x0013, "SH", implementation_name);
    std::string bytes(128, '\0');
    bytes += "DICM";
    std::string length;
    add_word(length, group.size(), 4);
    add_meta(bytes, 0x0000, "UL", length);
    return bytes + group;
}

rs_status encode(rs_context *ctx, rs_dicom_out *out, rs_arena *arena, uint8_t **bytes, size_t *n_bytes)
{
    OFString sop_class, sop_instance;
    if (out->dataset.findAndGetOFString(DCM_SOPClassUID, sop_class).bad() || sop_class.empty() ||
        out->dataset.findAndGetOFString(DCM_SOPInstanceUID, sop_instance).bad() || sop_instance.empty()) {
        return rs_fail(ctx, RS_DEFECT, "a DICOM object without SOPClassUID or SOPInstanceUID cannot be written");
    }
    const std::string meta = file_meta(sop_class.c_str(), sop_instance.c_str());
    const E_TransferSyntax syntax = EXS_LittleEndianExplicit;
    const Uint32 body = out->dataset.calcElementLength(syntax, EET_ExplicitLength);
    const size_t capacity = meta.size() + body + 64;
    uint8_t *memory = static_cast<uint8_t *>(rs_arena_alloc_raw(arena, capacity, 1));
    if (!memory) return rs_fail_memory(ctx, "a DICOM file");
    std::memcpy(memory, meta.data(), meta.size());

    DcmOutputBufferStream stream(memory + meta.size(), static_cast<offile_off_t>(capacity - meta.size()));
    out->dataset.transferInit();
    const OFCondition condition = out->dataset.write(stream, syntax, EET_ExplicitLength, nullptr);
    out->dataset.transferEnd();
    if (condition.bad()) return rs_out_refused(ctx, 0, condition);
    void *written = nullptr;
    offile_off_t n_written = 0;
    stream.flush();
    stream.flushBuffer(written, n_written);
    if (written != memory + meta.size()) return rs_fail(ctx, RS_DEFECT, "the DICOM library wrote to another place");
    *bytes = memory;
    *n_bytes = meta.size() + static_cast<size_t>(n_written);
    return RS_OK;
}
} // namespace

extern "C" rs_status rs_dicom_out_new(rs_context *ctx, rs_dicom_out **out)
{
    return guarded(ctx, [&] {
        *out = new rs_dicom_out;
        return RS_OK;
    });
}

extern "C" void rs_dicom_out_free(rs_dicom_out *out)
{
    delete out;
}

extern "C" rs_status rs_dicom_out_encode(rs_context *ctx, rs_dicom_out *out, rs_arena *arena, uint8_t **bytes,
                                         size_t *n_bytes)
{
    return guarded(ctx, [&] { return encode(ctx, out, arena, bytes, n_bytes); });
}
