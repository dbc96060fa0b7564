/* Reading and writing with a limit of time. DCMTK's own connection writes in blocking mode: a peer that stops reading
   holds it as long as it likes. */
#include "net_link.h"

#include <cerrno>
#include <ctime>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace
{
const int slice_ms = 100; /* how long Ctrl-C may have to wait */

int64_t now_ms()
{
    timespec t = {};
    static_cast<void>(clock_gettime(CLOCK_MONOTONIC, &t));
    return int64_t(t.tv_sec) * 1000 + t.tv_nsec / 1000000;
}

class timed_link final : public DcmTransportConnection
{
  public:
    timed_link(DcmNativeSocketType socket, rs_link_state &shared) : DcmTransportConnection(socket), state(shared)
    {
        const int on = 1;
        /* Two small writes make a PDU: Nagle's algorithm would hold the second until the first is acknowledged. */
        static_cast<void>(setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
    }
    ~timed_link() override
    {
        closeTransportConnection();
    }

    ssize_t read(void *buffer, size_t n) override;
    ssize_t write(void *buffer, size_t n) override;
    OFBool networkDataAvailable(int timeout_s) override;
    OFCondition serverSideHandshake() override
    {
        return EC_Normal;
    }
    OFCondition clientSideHandshake() override
    {
        return EC_Normal;
    }
    OFCondition renegotiate(const char *) override
    {
        return EC_Normal;
    }
    void close() override
    {
        closeTransportConnection();
    }
    void closeTransportConnection() override
    {
        if (getSocket() >= 0) static_cast<void>(::close(getSocket()));
        setSocket(-1);
    }
    unsigned long getPeerCertificateLength() override
    {
        return 0;
    }
    unsigned long getPeerCertificate(void *, unsigned long) override
    {
        return 0;
    }
    /* False: else DCMTK polls the socket itself, past the limits here. */
    OFBool isTransparentConnection() override
    {
        return OFFalse;
    }
    OFString &dumpConnectionParameters(OFString &text) override
    {
        return text;
    }

  private:
    static bool waits(int error)
    {
        return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
    }

    /* Never EINTR, on which DCMTK would try again for ever. */
    static ssize_t broken()
    {
        errno = EPIPE;
        return -1;
    }

    ssize_t end(link_end how)
    {
        if (state.end == link_end::none) state.end = how;
        return broken();
    }

    /* Something can be read or written, or the connection is gone, which reading and writing tell; false: too late, or
       cancelled. */
    bool wait(short what, int64_t by_ms);

    rs_link_state &state;
};

ssize_t timed_link::read(void *buffer, size_t n)
{
    for (;;) {
        if (state.end != link_end::none || getSocket() < 0) return broken();
        const ssize_t got = recv(getSocket(), buffer, n, MSG_DONTWAIT);
        if (got > 0) return got;
        if (got == 0) {
            state.end = link_end::lost;
            return 0;
        }
        if (!waits(errno)) return end(link_end::lost);
        if (!wait(POLLIN, state.answer_by_ms)) return end(link_end::silent);
    }
}

ssize_t timed_link::write(void *buffer, size_t n)
{
    const char *bytes = static_cast<const char *>(buffer);
    size_t done = 0;
    while (done < n) {
        if (state.end != link_end::none || getSocket() < 0) return broken();
        const ssize_t put = send(getSocket(), bytes + done, n - done, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (put >= 0) {
            done += size_t(put);
            continue;
        }
        if (!waits(errno)) return end(link_end::lost);
        if (!wait(POLLOUT, now_ms() + int64_t(state.timeout_s) * 1000)) return end(link_end::silent);
    }
    return ssize_t(n);
}

OFBool timed_link::networkDataAvailable(int timeout_s)
{
    if (state.end != link_end::none || getSocket() < 0) return OFFalse;
    const int64_t by_ms = now_ms() + int64_t(timeout_s) * 1000;
    return wait(POLLIN, by_ms < state.answer_by_ms ? by_ms : state.answer_by_ms) ? OFTrue : OFFalse;
}

bool timed_link::wait(short what, int64_t by_ms)
{
    for (;;) {
        if (rs_context_cancelled(state.ctx)) {
            state.end = link_end::cancelled;
            return false;
        }
        const int64_t left_ms = by_ms - now_ms();
        pollfd one = {getSocket(), what, 0};
        const int n = poll(&one, 1, int(left_ms <= 0 ? 0 : left_ms < slice_ms ? left_ms : slice_ms));
        if (n > 0) return true;
        if (left_ms <= 0) return false;
    }
}
} // namespace

void rs_link_state::expect_answer(int within_s)
{
    answer_by_ms = now_ms() + int64_t(within_s) * 1000;
}

DcmTransportConnection *rs_link_layer::createConnection(DcmNativeSocketType socket, OFBool secure)
{
    return secure ? nullptr : new timed_link(socket, state);
}
