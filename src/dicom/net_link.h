/* The socket under an association, seen by the C++ sources of this room. DCMTK connects it; every byte after that goes
   through here, so that nothing waits past its time, whatever the peer does, and Ctrl-C is heard while waiting. */
#ifndef DICOM_NET_LINK_H
#define DICOM_NET_LINK_H

#include "guard.h"

#include <cstdint>

#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmnet/dcmlayer.h"
#include "dcmtk/dcmnet/dcmtrans.h"

enum class link_end {
    none,
    silent, /* the peer did not answer, or did not read, in time */
    lost,   /* the connection ended */
    cancelled
};

/* What the two sides of a link share: set by whoever calls, read when a DCMTK function has failed. */
struct rs_link_state {
    rs_context *ctx = nullptr;
    int timeout_s = 30;
    int64_t answer_by_ms = 0; /* on the steady clock: reading gives up then */
    link_end end = link_end::none;

    /* An answer is waited for from now on. */
    void expect_answer(int within_s);
};

/* Makes the links of one association; given to the network, which ends it. */
class rs_link_layer : public DcmTransportLayer
{
  public:
    explicit rs_link_layer(rs_link_state &shared) : state(shared) {}
    DcmTransportConnection *createConnection(DcmNativeSocketType socket, OFBool secure) override;

  private:
    rs_link_state &state;
};

#endif
