/* What an archive is asked beside storing: does it show an object (C-FIND), and does it answer for it (storage
   commitment). */
#include "net.h"

#include <cstring>

#include "dcmtk/dcmdata/dcuid.h"
#include "dcmtk/dcmnet/assoc.h"

namespace
{
const char commit_instance[] = "1.2.840.10008.1.20.1.1"; /* PS3.4 J.3.5, the well-known instance */
const Uint16 request_commitment = 1, all_safe = 1, some_failed = 2;

T_ASC_PresentationContextID context_of(rs_dicom_net &net, const char *sop_class)
{
    return ASC_findAcceptedPresentationContextID(net.association, sop_class);
}

struct wanted {
    const char *sop_instance;
    bool shown;
};

void on_match(void *data, T_DIMSE_C_FindRQ *, int, T_DIMSE_C_FindRSP *, DcmDataset *identifiers)
{
    wanted &one = *static_cast<wanted *>(data);
    OFString uid;
    if (identifiers && identifiers->findAndGetOFString(DCM_SOPInstanceUID, uid).good() && uid == one.sop_instance)
        one.shown = true;
}

OFCondition fill_query(DcmDataset &query, const rs_dicom_name &name)
{
    OFCondition condition = query.putAndInsertString(DCM_QueryRetrieveLevel, "IMAGE");
    if (condition.good()) condition = query.putAndInsertString(DCM_StudyInstanceUID, name.study_uid);
    if (condition.good()) condition = query.putAndInsertString(DCM_SeriesInstanceUID, name.series_uid);
    if (condition.good()) condition = query.putAndInsertString(DCM_SOPInstanceUID, name.sop_instance_uid);
    return condition;
}

rs_status find(rs_context *ctx, rs_dicom_net &net, const rs_dicom_name &name, bool &shown, rs_dicom_answer &answer)
{
    const T_ASC_PresentationContextID context = context_of(net, RS_DICOM_FIND_CLASS);
    if (!context) {
        answer = {};
        answer.no_context = true;
        shown = false;
        return RS_OK;
    }
    DcmDataset query;
    T_DIMSE_C_FindRQ request = {};
    T_DIMSE_C_FindRSP response = {};
    OFCondition condition = fill_query(query, name);
    if (condition.bad()) return rs_fail(ctx, RS_DEFECT, "a query cannot be written: %s", condition.text());
    request.MessageID = net.association->nextMsgID++;
    OFStandard::strlcpy(request.AffectedSOPClassUID, RS_DICOM_FIND_CLASS, sizeof request.AffectedSOPClassUID);
    request.DataSetType = DIMSE_DATASET_PRESENT;
    request.Priority = DIMSE_PRIORITY_MEDIUM;
    wanted one = {name.sop_instance_uid, false};
    DcmDataset *found = nullptr;
    int n_responses = 0;
    net.state.expect_answer(net.state.timeout_s);
    condition = DIMSE_findUser(net.association, context, &request, &query, n_responses, on_match, &one,
                               DIMSE_NONBLOCKING, net.state.timeout_s, &response, &found);
    const std::unique_ptr<DcmDataset> detail(found);
    if (condition.bad()) return rs_net_broken(ctx, net, condition, "it was asked what it shows");
    rs_net_answer(answer, response.DimseStatus, detail.get());
    shown = one.shown;
    return RS_OK;
}

OFCondition fill_action(DcmDataset &action, const char *transaction, const rs_dicom_name *names, int n)
{
    OFCondition condition = action.putAndInsertString(DCM_TransactionUID, transaction);
    for (int i = 0; i < n && condition.good(); i++) {
        DcmItem *item = nullptr;
        condition = action.findOrCreateSequenceItem(DCM_ReferencedSOPSequence, item, -2);
        if (condition.good()) condition = item->putAndInsertString(DCM_ReferencedSOPClassUID, names[i].sop_class_uid);
        if (condition.good())
            condition = item->putAndInsertString(DCM_ReferencedSOPInstanceUID, names[i].sop_instance_uid);
    }
    return condition;
}

/* The items of the report's list of what is safe. */
void take_safe(DcmDataset &report, const rs_dicom_name *names, int n, bool *safe)
{
    DcmItem *item = nullptr;
    for (signed long k = 0; report.findAndGetSequenceItem(DCM_ReferencedSOPSequence, item, k).good(); k++) {
        OFString uid;
        if (item->findAndGetOFString(DCM_ReferencedSOPInstanceUID, uid).bad()) continue;
        for (int i = 0; i < n; i++)
            safe[i] |= uid == names[i].sop_instance_uid;
    }
}

OFCondition acknowledge(rs_dicom_net &net, T_ASC_PresentationContextID context, const T_DIMSE_N_EventReportRQ &event)
{
    T_DIMSE_Message message;
    std::memset(static_cast<void *>(&message), 0, sizeof message);
    message.CommandField = DIMSE_N_EVENT_REPORT_RSP;
    T_DIMSE_N_EventReportRSP &response = message.msg.NEventReportRSP;
    response.MessageIDBeingRespondedTo = event.MessageID;
    response.DimseStatus = STATUS_N_Success;
    response.DataSetType = DIMSE_DATASET_NULL;
    response.EventTypeID = event.EventTypeID;
    response.opts = O_NEVENTREPORT_EVENTTYPEID;
    return DIMSE_sendMessageUsingMemoryData(net.association, context, &message, nullptr, nullptr, nullptr, nullptr);
}

rs_status take_report(rs_context *ctx, rs_dicom_net &net, const T_DIMSE_N_EventReportRQ &event,
                      T_ASC_PresentationContextID context, const char *transaction, const rs_dicom_name *names, int n,
                      bool *safe, bool &reported)
{
    const char *const doing = "it reported what it keeps";
    DcmDataset *got = nullptr;
    OFCondition condition = EC_Normal;
    if (event.DataSetType != DIMSE_DATASET_NULL)
        condition = DIMSE_receiveDataSetInMemory(net.association, DIMSE_NONBLOCKING, net.state.timeout_s, &context,
                                                 &got, nullptr, nullptr);
    const std::unique_ptr<DcmDataset> report(got);
    if (condition.good()) condition = acknowledge(net, context, event);
    if (condition.bad()) return rs_net_broken(ctx, net, condition, doing);
    OFString uid;
    if (!report || report->findAndGetOFString(DCM_TransactionUID, uid).bad() || uid != transaction) return RS_OK;
    if (event.EventTypeID != all_safe && event.EventTypeID != some_failed) return RS_OK;
    reported = true;
    take_safe(*report, names, n, safe);
    return RS_OK;
}

rs_status ask_commitment(rs_context *ctx, rs_dicom_net &net, T_ASC_PresentationContextID context,
                         const char *transaction, const rs_dicom_name *names, int n)
{
    DcmDataset action;
    OFCondition condition = fill_action(action, transaction, names, n);
    if (condition.bad()) return rs_fail(ctx, RS_DEFECT, "a request cannot be written: %s", condition.text());
    T_DIMSE_Message message;
    std::memset(static_cast<void *>(&message), 0, sizeof message);
    message.CommandField = DIMSE_N_ACTION_RQ;
    T_DIMSE_N_ActionRQ &request = message.msg.NActionRQ;
    request.MessageID = net.association->nextMsgID++;
    request.ActionTypeID = request_commitment;
    request.DataSetType = DIMSE_DATASET_PRESENT;
    OFStandard::strlcpy(request.RequestedSOPClassUID, RS_DICOM_COMMIT_CLASS, sizeof request.RequestedSOPClassUID);
    OFStandard::strlcpy(request.RequestedSOPInstanceUID, commit_instance, sizeof request.RequestedSOPInstanceUID);
    condition =
        DIMSE_sendMessageUsingMemoryData(net.association, context, &message, nullptr, &action, nullptr, nullptr);
    return condition.good() ? RS_OK : rs_net_broken(ctx, net, condition, "commitment was asked for");
}

rs_status commit(rs_context *ctx, rs_dicom_net &net, const char *transaction, const rs_dicom_name *names, int n,
                 int wait_s, bool *safe, bool &reported, rs_dicom_answer &answer)
{
    T_ASC_PresentationContextID context = context_of(net, RS_DICOM_COMMIT_CLASS);
    reported = false;
    answer = {};
    answer.no_context = context == 0;
    for (int i = 0; i < n; i++)
        safe[i] = false;
    if (!context) return RS_OK;
    RS_TRY(ask_commitment(ctx, net, context, transaction, names, n));
    net.state.expect_answer(net.state.timeout_s);
    /* The report may come before the answer (PS3.4 J.3.3). */
    for (bool answered = false; !answered || (!reported && answer.status == STATUS_N_Success);) {
        if (answered && !ASC_dataWaiting(net.association, wait_s)) return rs_context_check_cancel(ctx);
        T_DIMSE_Message message;
        std::unique_ptr<DcmDataset> detail;
        RS_TRY(rs_net_receive(ctx, net, "commitment was asked for", message, detail, context));
        if (message.CommandField == DIMSE_N_ACTION_RSP && !answered) {
            answered = true;
            rs_net_answer(answer, message.msg.NActionRSP.DimseStatus, detail.get());
            net.state.expect_answer(wait_s + net.state.timeout_s);
        } else if (message.CommandField == DIMSE_N_EVENT_REPORT_RQ) {
            RS_TRY(take_report(ctx, net, message.msg.NEventReportRQ, context, transaction, names, n, safe, reported));
        } else {
            return rs_net_broken(ctx, net, DIMSE_BADMESSAGE, "commitment was asked for");
        }
    }
    return RS_OK;
}
} // namespace

extern "C" rs_status rs_dicom_net_find(rs_context *ctx, rs_dicom_net *net, const rs_dicom_name *name, bool *shown,
                                       rs_dicom_answer *answer)
{
    return guarded(ctx, [&]() -> rs_status { return find(ctx, *net, *name, *shown, *answer); });
}

extern "C" rs_status rs_dicom_net_commit(rs_context *ctx, rs_dicom_net *net, const char *transaction_uid,
                                         const rs_dicom_name *names, int n, int wait_s, bool *safe, bool *reported,
                                         rs_dicom_answer *answer)
{
    return guarded(ctx, [&]() -> rs_status {
        return commit(ctx, *net, transaction_uid, names, n, wait_s, safe, *reported, *answer);
    });
}
