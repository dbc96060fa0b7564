/* Associations as requestor, and C-STORE. A data set travels as the bytes of its file; DCMTK's own function would read
   and write it anew. */
#include "net.h"

#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>

#include "dcmtk/dcmdata/dcostrmb.h"
#include "dcmtk/dcmdata/dcuid.h"
#include "dcmtk/dcmnet/assoc.h"
#include "dcmtk/dcmnet/dul.h"
#include "restage/text.h"

namespace
{
const int most_classes = 60; /* two contexts each, of 128 that an association holds */

const char *const explicit_le = UID_LittleEndianExplicitTransferSyntax;
const char *const implicit_le = UID_LittleEndianImplicitTransferSyntax;

rs_status rejected(rs_context *ctx, const rs_dicom_net &net, const rs_dicom_net_call &call)
{
    T_ASC_RejectParameters how = {};
    ASC_getRejectParameters(net.association ? net.association->params : net.params, &how);
    if (how.result == ASC_RESULT_REJECTEDTRANSIENT)
        return rs_fail(ctx, RS_AGAIN, "the archive rejected the association for now: it is busy, try again");
    if (how.reason == ASC_REASON_SU_CALLINGAETITLENOTRECOGNIZED)
        return rs_fail(ctx, RS_UNAVAILABLE,
                       "the archive does not know the calling AE title %s: have it entered there, or give another one "
                       "by --calling-ae",
                       call.calling_ae);
    if (how.reason == ASC_REASON_SU_CALLEDAETITLENOTRECOGNIZED)
        return rs_fail(ctx, RS_UNAVAILABLE, "the archive says that %s is not its AE title", call.called_ae);
    return rs_fail(ctx, RS_UNAVAILABLE, "the archive rejected the association for good (reason %04x)",
                   unsigned(how.reason));
}

rs_status not_opened(rs_context *ctx, rs_dicom_net &net, const rs_dicom_net_call &call, const OFCondition &condition)
{
    if (condition == DUL_ASSOCIATIONREJECTED) return rejected(ctx, net, call);
    if (rs_context_cancelled(ctx)) return rs_context_check_cancel(ctx);
    if (condition.code() == DULC_TCPINITERROR) {
        const bool late = std::strstr(condition.text(), "Timeout") != nullptr;
        return rs_fail(ctx, late ? RS_AGAIN : RS_UNAVAILABLE,
                       late ? "nobody answers at port %d of that host" : "nobody listens at port %d of that host",
                       call.port);
    }
    return rs_net_broken(ctx, net, condition, "the association was asked for");
}

OFCondition propose(T_ASC_Parameters *params, const rs_dicom_net_call &call)
{
    OFCondition condition = EC_Normal;
    for (int i = 0; i < call.n_sop_classes && condition.good(); i++) {
        /* Two contexts, so that the peer cannot pick Implicit where it takes both. */
        const char *syntaxes[2] = {explicit_le, implicit_le};
        const auto id = static_cast<T_ASC_PresentationContextID>(4 * i + 1);
        condition = ASC_addPresentationContext(params, id, call.sop_classes[i], &syntaxes[0], 1);
        if (condition.good())
            condition = ASC_addPresentationContext(params, static_cast<T_ASC_PresentationContextID>(id + 2),
                                                   call.sop_classes[i], &syntaxes[1], 1);
    }
    return condition;
}

rs_status open(rs_context *ctx, const rs_dicom_net_call &call, rs_dicom_net &net)
{
    if (call.n_sop_classes < 1 || call.n_sop_classes > most_classes || call.timeout_s < 1)
        return rs_fail(ctx, RS_DEFECT, "an association that cannot be asked for");
    net.state.ctx = ctx;
    net.state.timeout_s = call.timeout_s;
    dcmDisableGethostbyaddr.set(OFTrue);
    dcmConnectionTimeout.set(call.timeout_s);
    /* It sets SIGPIPE to be ignored; the link never raises one. */
    struct sigaction before = {};
    static_cast<void>(sigaction(SIGPIPE, nullptr, &before));
    OFCondition condition = ASC_initializeNetwork(NET_REQUESTOR, 0, call.timeout_s, &net.network);
    static_cast<void>(sigaction(SIGPIPE, &before, nullptr));
    if (condition.good()) condition = ASC_createAssociationParameters(&net.params, ASC_DEFAULTMAXPDU);
    if (condition.good()) condition = ASC_setAPTitles(net.params, call.calling_ae, call.called_ae, nullptr);
    char address[64];
    static_cast<void>(rs_text_format(address, sizeof address, "%s:%d", call.address, call.port));
    if (condition.good()) condition = ASC_setPresentationAddresses(net.params, "localhost", address);
    if (condition.good()) condition = propose(net.params, call);
    if (condition.good()) {
        std::unique_ptr<rs_link_layer> layer(new rs_link_layer(net.state));
        condition = ASC_setTransportLayer(net.network, layer.get(), 1);
        if (condition.good()) static_cast<void>(layer.release()); /* the network ends it */
    }
    if (condition.bad()) return rs_fail(ctx, RS_DEFECT, "no association can be prepared: %s", condition.text());
    net.state.expect_answer(2 * call.timeout_s); /* to connect, and for the answer */
    condition = ASC_requestAssociation(net.network, net.params, &net.association, nullptr, nullptr, DUL_NOBLOCK,
                                       2 * call.timeout_s);
    if (net.association) net.params = nullptr;
    if (condition.bad()) return not_opened(ctx, net, call, condition);
    net.usable = true;
    return RS_OK;
}

/* The context that the peer accepted for a class with this syntax; 0: none. */
T_ASC_PresentationContextID accepted(const rs_dicom_net &net, const char *sop_class, const char *syntax)
{
    const int n = ASC_countPresentationContexts(net.association->params);
    for (int i = 0; i < n; i++) {
        T_ASC_PresentationContext context;
        if (ASC_getPresentationContext(net.association->params, i, &context).bad()) continue;
        if (context.resultReason == ASC_P_ACCEPTANCE && std::strcmp(context.abstractSyntax, sop_class) == 0 &&
            std::strcmp(context.acceptedTransferSyntax, syntax) == 0)
            return context.presentationContextID;
    }
    return 0;
}

/* One message part in fragments that the peer's PDUs hold. */
OFCondition send_part(rs_dicom_net &net, T_ASC_PresentationContextID context, DUL_DATAPDV type, const uint8_t *bytes,
                      size_t n_bytes)
{
    const size_t most = net.association->sendPDVLength & ~1ul; /* fragments are even (PS3.8 D.1) */
    OFCondition condition = EC_Normal;
    for (size_t at = 0; at < n_bytes && condition.good(); at += most) {
        const size_t n = n_bytes - at < most ? n_bytes - at : most;
        DUL_PDV pdv = {};
        pdv.fragmentLength = static_cast<unsigned long>(n);
        pdv.presentationContextID = context;
        pdv.pdvType = type;
        pdv.lastPDV = at + n == n_bytes;
        pdv.data = const_cast<uint8_t *>(bytes + at);
        DUL_PDVLIST list = {};
        list.count = 1;
        list.pdv = &pdv;
        condition = DUL_WritePDVs(&net.association->DULassociation, &list);
    }
    return condition;
}

OFCondition encode(DcmDataset &dataset, E_GrpLenEncoding lengths, std::string &out)
{
    const E_TransferSyntax syntax = EXS_LittleEndianImplicit;
    dataset.computeGroupLengthAndPadding(lengths, EPD_withoutPadding, syntax, EET_ExplicitLength);
    out.assign(size_t(dataset.calcElementLength(syntax, EET_ExplicitLength)) + 64, '\0');
    DcmOutputBufferStream stream(&out[0], static_cast<offile_off_t>(out.size()));
    dataset.transferInit();
    const OFCondition condition = dataset.write(stream, syntax, EET_ExplicitLength, nullptr, lengths);
    dataset.transferEnd();
    if (condition.bad()) return condition;
    void *written = nullptr;
    offile_off_t n = 0;
    stream.flush();
    stream.flushBuffer(written, n);
    out.resize(size_t(n));
    return EC_Normal;
}

OFCondition encode_command(std::string &out, const char *sop_class, const char *sop_instance, Uint16 message)
{
    DcmDataset command;
    OFCondition condition = command.putAndInsertString(DCM_AffectedSOPClassUID, sop_class);
    if (condition.good()) condition = command.putAndInsertUint16(DCM_CommandField, DIMSE_C_STORE_RQ);
    if (condition.good()) condition = command.putAndInsertUint16(DCM_MessageID, message);
    if (condition.good()) condition = command.putAndInsertUint16(DCM_Priority, DIMSE_PRIORITY_MEDIUM);
    if (condition.good()) condition = command.putAndInsertUint16(DCM_CommandDataSetType, DIMSE_DATASET_PRESENT);
    if (condition.good()) condition = command.putAndInsertString(DCM_AffectedSOPInstanceUID, sop_instance);
    return condition.good() ? encode(command, EGL_withGL, out) : condition;
}

/* The bytes of a file's data set, and the context that takes them; context 0: none does. */
rs_status body_of(rs_context *ctx, rs_dicom_net &net, const rs_dicom_file &file, const char *sop_class,
                  std::string &made, const uint8_t *&bytes, size_t &n_bytes, T_ASC_PresentationContextID &context)
{
    const rs_scan &scan = file.scan;
    if (scan.syntax->codec != RS_CODEC_NONE || scan.big_endian || scan.syntax->deflated)
        return rs_fail(ctx, RS_DATA, "only uncompressed little endian objects can be sent");
    bytes = scan.bytes + scan.body;
    n_bytes = scan.n_bytes - scan.body;
    context = accepted(net, sop_class, scan.implicit ? implicit_le : explicit_le);
    if (context || scan.implicit) return RS_OK;
    context = accepted(net, sop_class, implicit_le);
    if (!context) return RS_OK;
    const std::unique_ptr<DcmDataset> dataset = rs_file_load(ctx, scan, scan.n_bytes);
    if (!dataset) return RS_DATA;
    const OFCondition condition = encode(*dataset, EGL_noChange, made);
    if (condition.bad()) return rs_fail(ctx, RS_DATA, "the object cannot be written as Implicit VR");
    bytes = reinterpret_cast<const uint8_t *>(made.data());
    n_bytes = made.size();
    return RS_OK;
}

rs_status store(rs_context *ctx, rs_dicom_net &net, const rs_dicom_file &file, const char *sop_class,
                const char *sop_instance, rs_dicom_answer &out)
{
    const char *const doing = "the object was sent";
    std::string made, command;
    const uint8_t *bytes = nullptr;
    size_t n_bytes = 0;
    T_ASC_PresentationContextID context = 0;
    RS_TRY(body_of(ctx, net, file, sop_class, made, bytes, n_bytes, context));
    if (!context) {
        out = {};
        out.no_context = true;
        return RS_OK;
    }
    const Uint16 message = net.association->nextMsgID++;
    OFCondition condition = encode_command(command, sop_class, sop_instance, message);
    if (condition.bad()) return rs_fail(ctx, RS_DEFECT, "a C-STORE command cannot be written: %s", condition.text());
    condition =
        send_part(net, context, DUL_COMMANDPDV, reinterpret_cast<const uint8_t *>(command.data()), command.size());
    if (condition.good()) condition = send_part(net, context, DUL_DATASETPDV, bytes, n_bytes);
    if (condition.bad()) return rs_net_broken(ctx, net, condition, doing);
    T_DIMSE_Message response;
    std::unique_ptr<DcmDataset> detail;
    net.state.expect_answer(net.state.timeout_s);
    RS_TRY(rs_net_receive(ctx, net, doing, response, detail, context));
    if (response.CommandField != DIMSE_C_STORE_RSP || response.msg.CStoreRSP.MessageIDBeingRespondedTo != message)
        return rs_net_broken(ctx, net, DIMSE_BADMESSAGE, doing);
    rs_net_answer(out, response.msg.CStoreRSP.DimseStatus, detail.get());
    return RS_OK;
}
} // namespace

rs_dicom_net::~rs_dicom_net()
{
    if (association && usable && state.end == link_end::none) {
        state.expect_answer(state.timeout_s < 5 ? state.timeout_s : 5);
        if (ASC_releaseAssociation(association).bad()) state.end = link_end::lost;
    }
    if (association) static_cast<void>(ASC_destroyAssociation(&association));
    if (params) static_cast<void>(ASC_destroyAssociationParameters(&params));
    if (network) static_cast<void>(ASC_dropNetwork(&network));
}

rs_status rs_net_broken(rs_context *ctx, rs_dicom_net &net, const OFCondition &condition, const char *doing)
{
    const link_end end = net.state.end;
    net.usable = false;
    if (end == link_end::none) net.state.end = link_end::lost; /* nothing more is said on it */
    if (end == link_end::cancelled) return rs_context_check_cancel(ctx);
    if (condition == EC_MemoryExhausted) return rs_fail_memory(ctx, "an association");
    if (end == link_end::silent || condition == DIMSE_NODATAAVAILABLE || condition == DUL_READTIMEOUT)
        return rs_fail(ctx, RS_AGAIN, "the archive did not answer within %d s while %s", net.state.timeout_s, doing);
    if (condition == DUL_PEERABORTEDASSOCIATION)
        return rs_fail(ctx, RS_AGAIN, "the archive aborted the association while %s", doing);
    if (condition == DIMSE_BADMESSAGE)
        return rs_fail(ctx, RS_AGAIN, "the archive answered something else than was asked while %s", doing);
    return rs_fail(ctx, RS_AGAIN, "the connection to the archive was lost while %s", doing);
}

void rs_net_answer(rs_dicom_answer &out, unsigned status, DcmDataset *detail)
{
    out = {};
    out.status = int(status & 0xffff);
    OFString comment;
    if (detail && detail->findAndGetOFString(DCM_ErrorComment, comment).good())
        rs_text_printable(out.comment, sizeof out.comment, comment.c_str());
}

rs_status rs_net_receive(rs_context *ctx, rs_dicom_net &net, const char *doing, T_DIMSE_Message &message,
                         std::unique_ptr<DcmDataset> &detail, T_ASC_PresentationContextID &context)
{
    DcmDataset *found = nullptr;
    std::memset(static_cast<void *>(&message), 0, sizeof message);
    const OFCondition condition =
        DIMSE_receiveCommand(net.association, DIMSE_NONBLOCKING, net.state.timeout_s, &context, &message, &found);
    detail.reset(found);
    return condition.good() ? RS_OK : rs_net_broken(ctx, net, condition, doing);
}

extern "C" rs_status rs_dicom_net_open(rs_context *ctx, const rs_dicom_net_call *call, rs_dicom_net **out)
{
    return guarded(ctx, [&]() -> rs_status {
        std::unique_ptr<rs_dicom_net> net(new rs_dicom_net);
        RS_TRY(open(ctx, *call, *net));
        *out = net.release();
        return RS_OK;
    });
}

extern "C" void rs_dicom_net_close(rs_dicom_net *net)
{
    delete net;
}

extern "C" rs_status rs_dicom_net_store(rs_context *ctx, rs_dicom_net *net, const rs_dicom_file *file,
                                        const char *sop_class_uid, const char *sop_instance_uid, rs_dicom_answer *out)
{
    return guarded(ctx, [&]() -> rs_status { return store(ctx, *net, *file, sop_class_uid, sop_instance_uid, *out); });
}
