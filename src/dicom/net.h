/* An association, seen by the C++ sources of this room. */
#ifndef DICOM_NET_H
#define DICOM_NET_H

#include "net_link.h"

#include <memory>

#include "dcmtk/dcmnet/dimse.h"
#include "file.h"

struct rs_dicom_net {
    rs_link_state state;
    T_ASC_Network *network = nullptr;
    T_ASC_Association *association = nullptr;
    T_ASC_Parameters *params = nullptr; /* until the association owns them */
    bool usable = false;                /* the peer can be talked to, and a release makes sense */

    rs_dicom_net() = default;
    rs_dicom_net(const rs_dicom_net &) = delete;
    rs_dicom_net &operator=(const rs_dicom_net &) = delete;
    ~rs_dicom_net();
};

/* What a failed call of DCMTK means: why the link ended, else what the condition says. The association is of no use
   afterwards. doing: "the object was sent". */
rs_status rs_net_broken(rs_context *ctx, rs_dicom_net &net, const OFCondition &condition, const char *doing);

/* Takes the status and the comment of a response; frees detail. */
void rs_net_answer(rs_dicom_answer &out, unsigned status, DcmDataset *detail);

/* The next response, which must be of this kind and to this message; other commands break the association. */
rs_status rs_net_receive(rs_context *ctx, rs_dicom_net &net, const char *doing, T_DIMSE_Message &message,
                         std::unique_ptr<DcmDataset> &detail, T_ASC_PresentationContextID &context);

#endif
