/* An archive that misbehaves on request, for the tests of src/pacs and src/dicom/net*.cc.

     archive FOLDER [--store ANSWER[,ANSWER...]] [--refuse UID] [--implicit] [--reject KIND[,KIND...]] [--hide]
             [--commit all|none|later] [--comment TEXT] [--pdu BYTES]

   It listens on a free loopback port, which it writes to FOLDER/port, keeps what it takes as FOLDER/UID.dcm, and says a
   line an event on stdout. One association at a time, until it is killed.
   ANSWER, one a C-STORE over all associations, then 0000: a status of four hex digits; abort, as soon as the command is
   there; silent:S, takes the object and says nothing for S seconds; deaf:S, does not even read it.
   --refuse   takes no objects of this SOP class        --implicit  takes Implicit VR only
   --reject   the first associations: transient, calling, called, permanent, drop (no answer, connection closed)
   --hide     answers queries with nothing              --comment   an error comment in answers other than 0000
   --commit   how it answers storage commitment: on the same association, or never; without it: no such context */
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmdata/dctk.h"
#include "dcmtk/dcmnet/assoc.h"
#include "dcmtk/dcmnet/dimse.h"
#include "dcmtk/dcmnet/dul.h"
#include "dcmtk/oflog/oflog.h"

namespace
{
struct rules {
    std::string folder, refuse, commit, comment;
    std::vector<std::string> answers, rejections;
    size_t n_answers = 0, n_associations = 0;
    bool implicit = false, hide = false;
    long pdu = ASC_DEFAULTMAXPDU;
    std::set<std::string> kept;
};

std::vector<std::string> split(const std::string &text)
{
    std::vector<std::string> parts;
    for (size_t at = 0; at <= text.size();) {
        const size_t comma = text.find(',', at);
        parts.push_back(text.substr(at, comma - at));
        if (comma == std::string::npos) break;
        at = comma + 1;
    }
    return parts;
}

void say(const std::string &line)
{
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
}

[[noreturn]] void fail(const char *what)
{
    std::fprintf(stderr, "archive: %s\n", what);
    std::exit(70);
}

bool starts(const std::string &text, const char *begin)
{
    return text.compare(0, std::strlen(begin), begin) == 0;
}

void rest(const std::string &answer)
{
    sleep(unsigned(std::atoi(answer.c_str() + answer.find(':') + 1)));
}

/* A socket of our own, so that the system picks the port. */
int listen_somewhere(const rules &r)
{
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    socklen_t size = sizeof address;
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr *const any = reinterpret_cast<sockaddr *>(&address);
    if (fd < 0 || bind(fd, any, size) || listen(fd, 8) || getsockname(fd, any, &size)) fail("no port");
    const std::string name = r.folder + "/port", partial = name + ".partial";
    FILE *file = std::fopen(partial.c_str(), "w");
    if (!file) fail("no file for the port");
    std::fprintf(file, "%d\n", ntohs(address.sin_port));
    std::fclose(file);
    if (std::rename(partial.c_str(), name.c_str())) fail("no file for the port");
    return fd;
}

bool is_known(const rules &r, const char *sop_class)
{
    if (r.refuse == sop_class) return false;
    if (std::strcmp(sop_class, UID_StorageCommitmentPushModelSOPClass) == 0) return !r.commit.empty();
    return true;
}

/* Accepts each context that the rules allow; says what was proposed. */
void negotiate(const rules &r, T_ASC_Association *a)
{
    char calling[64], called[64];
    ASC_getAPTitles(a->params, calling, sizeof calling, called, sizeof called, nullptr, 0);
    std::string line = std::string("associate [") + calling + "] [" + called + "]";
    for (int i = 0; i < ASC_countPresentationContexts(a->params); i++) {
        T_ASC_PresentationContext c;
        ASC_getPresentationContext(a->params, i, &c);
        line += std::string(" ") + c.abstractSyntax;
        std::string chosen;
        for (int k = 0; k < int(c.transferSyntaxCount); k++) {
            const std::string syntax = c.proposedTransferSyntaxes[k];
            const bool is_implicit = syntax == UID_LittleEndianImplicitTransferSyntax;
            line += is_implicit ? "/implicit" : syntax == UID_LittleEndianExplicitTransferSyntax ? "/explicit" : "/?";
            if (chosen.empty() && (is_implicit || !r.implicit)) chosen = syntax;
        }
        if (is_known(r, c.abstractSyntax) && !chosen.empty())
            ASC_acceptPresentationContext(a->params, c.presentationContextID, chosen.c_str());
        else
            ASC_refusePresentationContext(a->params, c.presentationContextID, ASC_P_ABSTRACTSYNTAXNOTSUPPORTED);
    }
    say(line);
}

bool is_rejected(rules &r, T_ASC_Association *a)
{
    const size_t turn = r.n_associations++;
    const std::string kind = turn < r.rejections.size() ? r.rejections[turn] : "";
    if (kind.empty()) return false;
    say("reject " + kind);
    if (kind == "drop") return true;
    T_ASC_RejectParameters how = {ASC_RESULT_REJECTEDPERMANENT, ASC_SOURCE_SERVICEUSER, ASC_REASON_SU_NOREASON};
    if (kind == "transient")
        how = {ASC_RESULT_REJECTEDTRANSIENT, ASC_SOURCE_SERVICEPROVIDER_PRESENTATION_RELATED,
               ASC_REASON_SP_PRES_TEMPORARYCONGESTION};
    else if (kind == "calling")
        how.reason = ASC_REASON_SU_CALLINGAETITLENOTRECOGNIZED;
    else if (kind == "called")
        how.reason = ASC_REASON_SU_CALLEDAETITLENOTRECOGNIZED;
    ASC_rejectAssociation(a, &how);
    return true;
}

struct verdict {
    unsigned status;
    std::string comment;
};

void on_store(void *data, T_DIMSE_StoreProgress *progress, T_DIMSE_C_StoreRQ *, char *, DcmDataset **,
              T_DIMSE_C_StoreRSP *response, DcmDataset **detail)
{
    if (progress->state != DIMSE_StoreEnd) return;
    const verdict &v = *static_cast<verdict *>(data);
    response->DimseStatus = DIC_US(v.status);
    if (v.status == 0 || v.comment.empty()) return;
    *detail = new DcmDataset;
    (*detail)->putAndInsertString(DCM_ErrorComment, v.comment.c_str());
}

/* false: the association is over */
bool store(rules &r, T_ASC_Association *a, T_ASC_PresentationContextID context, T_DIMSE_C_StoreRQ &request)
{
    const size_t turn = r.n_answers++;
    const std::string answer = turn < r.answers.size() ? r.answers[turn] : "0000";
    const std::string uid = request.AffectedSOPInstanceUID, path = r.folder + "/" + uid + ".dcm";
    say("store " + std::string(request.AffectedSOPClassUID) + " " + uid + " " + answer);
    if (answer == "abort") {
        ASC_abortAssociation(a);
        return false;
    }
    if (starts(answer, "deaf:")) {
        rest(answer);
        return false;
    }
    if (starts(answer, "silent:")) {
        DcmDataset *taken = nullptr;
        DIMSE_receiveDataSetInMemory(a, DIMSE_BLOCKING, 0, &context, &taken, nullptr, nullptr);
        delete taken;
        rest(answer);
        return false;
    }
    verdict v = {unsigned(std::strtoul(answer.c_str(), nullptr, 16)), r.comment};
    const bool stores = v.status == 0 || (v.status & 0xf000) == 0xb000;
    const std::string target = stores ? path : r.folder + "/refused";
    if (DIMSE_storeProvider(a, context, &request, target.c_str(), 1, nullptr, on_store, &v, DIMSE_BLOCKING, 0).bad())
        return false;
    if (stores) r.kept.insert(uid);
    return true;
}

bool find(rules &r, T_ASC_Association *a, T_ASC_PresentationContextID context, T_DIMSE_C_FindRQ &request)
{
    DcmDataset *got = nullptr;
    if (DIMSE_receiveDataSetInMemory(a, DIMSE_BLOCKING, 0, &context, &got, nullptr, nullptr).bad()) return false;
    OFString uid;
    got->findAndGetOFString(DCM_SOPInstanceUID, uid);
    T_DIMSE_C_FindRSP response = {};
    response.MessageIDBeingRespondedTo = request.MessageID;
    response.DataSetType = DIMSE_DATASET_PRESENT;
    response.DimseStatus = STATUS_FIND_Pending_MatchesAreContinuing;
    const bool known = !r.hide && r.kept.count(uid.c_str()) > 0;
    say("find " + std::string(uid.c_str()) + (known ? " shown" : " not shown"));
    if (known) DIMSE_sendFindResponse(a, context, &request, &response, got, nullptr);
    delete got;
    response.DataSetType = DIMSE_DATASET_NULL;
    response.DimseStatus = STATUS_Success;
    return DIMSE_sendFindResponse(a, context, &request, &response, nullptr, nullptr).good();
}

bool report(rules &r, T_ASC_Association *a, T_ASC_PresentationContextID context, DcmDataset &action)
{
    DcmDataset info;
    OFString transaction;
    action.findAndGetOFString(DCM_TransactionUID, transaction);
    info.putAndInsertOFStringArray(DCM_TransactionUID, transaction);
    DcmItem *asked = nullptr, *item = nullptr;
    const DcmTagKey list = r.commit == "all" ? DCM_ReferencedSOPSequence : DCM_FailedSOPSequence;
    for (signed long k = 0; action.findAndGetSequenceItem(DCM_ReferencedSOPSequence, asked, k).good(); k++) {
        OFString uid;
        asked->findAndGetOFString(DCM_ReferencedSOPInstanceUID, uid);
        info.findOrCreateSequenceItem(list, item, -2);
        item->putAndInsertOFStringArray(DCM_ReferencedSOPInstanceUID, uid);
    }
    T_DIMSE_Message message;
    std::memset(static_cast<void *>(&message), 0, sizeof message);
    message.CommandField = DIMSE_N_EVENT_REPORT_RQ;
    T_DIMSE_N_EventReportRQ &event = message.msg.NEventReportRQ;
    event.MessageID = 77;
    event.EventTypeID = r.commit == "all" ? 1 : 2;
    event.DataSetType = DIMSE_DATASET_PRESENT;
    OFStandard::strlcpy(event.AffectedSOPClassUID, UID_StorageCommitmentPushModelSOPClass,
                        sizeof event.AffectedSOPClassUID);
    OFStandard::strlcpy(event.AffectedSOPInstanceUID, UID_StorageCommitmentPushModelSOPInstance,
                        sizeof event.AffectedSOPInstanceUID);
    say("report " + r.commit);
    return DIMSE_sendMessageUsingMemoryData(a, context, &message, nullptr, &info, nullptr, nullptr).good();
}

bool commit(rules &r, T_ASC_Association *a, T_ASC_PresentationContextID context, T_DIMSE_N_ActionRQ &request)
{
    DcmDataset *got = nullptr;
    if (DIMSE_receiveDataSetInMemory(a, DIMSE_BLOCKING, 0, &context, &got, nullptr, nullptr).bad()) return false;
    T_DIMSE_Message message;
    std::memset(static_cast<void *>(&message), 0, sizeof message);
    message.CommandField = DIMSE_N_ACTION_RSP;
    message.msg.NActionRSP.MessageIDBeingRespondedTo = request.MessageID;
    message.msg.NActionRSP.DataSetType = DIMSE_DATASET_NULL;
    say("commit");
    bool going = DIMSE_sendMessageUsingMemoryData(a, context, &message, nullptr, nullptr, nullptr, nullptr).good();
    if (going && r.commit != "later") going = report(r, a, context, *got);
    delete got;
    return going;
}

void serve(rules &r, T_ASC_Association *a)
{
    for (bool going = true; going;) {
        T_DIMSE_Message message;
        T_ASC_PresentationContextID context = 0;
        const OFCondition condition = DIMSE_receiveCommand(a, DIMSE_BLOCKING, 0, &context, &message, nullptr);
        if (condition == DUL_PEERREQUESTEDRELEASE) {
            say("release");
            ASC_acknowledgeRelease(a);
            return;
        }
        if (condition.bad()) {
            say("lost");
            return;
        }
        if (message.CommandField == DIMSE_C_STORE_RQ)
            going = store(r, a, context, message.msg.CStoreRQ);
        else if (message.CommandField == DIMSE_C_FIND_RQ)
            going = find(r, a, context, message.msg.CFindRQ);
        else if (message.CommandField == DIMSE_N_ACTION_RQ)
            going = commit(r, a, context, message.msg.NActionRQ);
        else
            going = message.CommandField == DIMSE_N_EVENT_REPORT_RSP;
    }
}

rules read_rules(int argc, char **argv)
{
    rules r;
    if (argc < 2) fail("wants a folder");
    r.folder = argv[1];
    for (int i = 2; i < argc; i++) {
        const std::string option = argv[i];
        const bool flag = option == "--implicit" || option == "--hide";
        if (!flag && i + 1 == argc) fail("an option without its value");
        const std::string value = flag ? "" : argv[++i];
        if (option == "--store")
            r.answers = split(value);
        else if (option == "--reject")
            r.rejections = split(value);
        else if (option == "--refuse")
            r.refuse = value;
        else if (option == "--implicit")
            r.implicit = true;
        else if (option == "--hide")
            r.hide = true;
        else if (option == "--commit")
            r.commit = value;
        else if (option == "--comment")
            r.comment = value;
        else if (option == "--pdu")
            r.pdu = std::atol(value.c_str());
        else
            fail("no such option");
    }
    return r;
}
} // namespace

int main(int argc, char **argv)
{
    rules r = read_rules(argc, argv);
    setenv("TCP_NODELAY", "1", 1);
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    const int listening = listen_somewhere(r);
    for (;;) {
        const int fd = accept(listening, nullptr, nullptr);
        if (fd < 0) continue;
        dcmExternalSocketHandle.set(fd); /* of one connection: DCMTK listens by itself otherwise */
        T_ASC_Network *network = nullptr;
        T_ASC_Association *a = nullptr;
        if (ASC_initializeNetwork(NET_ACCEPTOR, 0, 600, &network).bad()) fail("no network");
        if (ASC_receiveAssociation(network, &a, r.pdu).good() && !is_rejected(r, a)) {
            negotiate(r, a);
            if (ASC_acknowledgeAssociation(a).good()) serve(r, a);
        }
        if (a) ASC_dropAssociation(a);
        ASC_destroyAssociation(&a);
        ASC_dropNetwork(&network);
    }
}
