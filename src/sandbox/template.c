/* The template: forks workers from a process that never saw a file, and tells the program how one ended. */
#define _GNU_SOURCE
#include "template.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "layers.h"

enum {
    AGAIN_MS = 20,        /* after it a notice that found no room is sent again */
    STALE_REQUESTS = 4096 /* more than a socket holds */
};

static void close_range_of(int first, int last)
{
    if (first > last || close_range((unsigned)first, (unsigned)last, 0) == 0) return;
    const long open_max = sysconf(_SC_OPEN_MAX);
    for (int fd = first; fd <= last && fd < open_max; fd++)
        close(fd);
}

static int by_number(const void *a, const void *b)
{
    const int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

void template_close_others(int *keep, int n)
{
    int next = 3;
    qsort(keep, (size_t)n, sizeof(*keep), by_number);
    for (int i = 0; i < n; i++) {
        close_range_of(next, keep[i] - 1);
        next = keep[i] + 1;
    }
    close_range_of(next, INT32_MAX);
}

static void on_child(int number)
{
    (void)number; /* it only ends the wait */
}

/* Signals of the terminal are the program's business: the processes end when it does. */
static void settle(const template_job *job)
{
    int keep[2 * SANDBOX_SLOTS + 1], n = 0;
    sigset_t child;
    struct sigaction action = {.sa_handler = SIG_DFL};
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP};
    for (int number = 1; number < 32; number++)
        sigaction(number, &action, NULL);
    action.sa_handler = SIG_IGN;
    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
        sigaction(ignored[i], &action, NULL);
    action.sa_handler = on_child;
    sigaction(SIGCHLD, &action, NULL);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_SETMASK, &child, NULL);
    prctl(PR_SET_NAME, "restage-decode");
    keep[n++] = job->control;
    for (int i = 0; i < job->n_slots; i++) {
        keep[n++] = job->slot[i].socket;
        keep[n++] = job->slot[i].memory;
    }
    template_close_others(keep, n);
    const int nothing = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < (layers_watched() ? 2 : 3) && nothing >= 0; fd++)
        dup2(nothing, fd);
    if (nothing > 2) close(nothing);
    /* Failures on demand are the program's; decoders start no threads. */
    unsetenv("RS_FAIL_ALLOC");
    unsetenv("RS_FAIL_WRITE");
    unsetenv("OPJ_NUM_THREADS");
}

/* A worker that fills the socket and dies leaves no room for the notice: it is kept until there is some. */
static void tell_kept(template_slot *s)
{
    const ssize_t n = send(s->socket, &s->notice, sizeof(s->notice), MSG_DONTWAIT | MSG_NOSIGNAL);
    s->untold = n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == ENOBUFS);
}

static void tell(template_slot *s, wire_notice notice)
{
    notice.kind = WIRE_DIED;
    notice.serial = s->serial;
    s->notice = notice;
    tell_kept(s);
}

/* Tells what was not told yet; true: some of it still waits. */
static bool tell_again(template_job *job)
{
    bool waits = false;
    for (int i = 0; i < job->n_slots; i++) {
        template_slot *s = &job->slot[i];
        if (s->untold) tell_kept(s);
        waits |= s->untold;
    }
    return waits;
}

static wire_notice how_ended(const template_slot *s, int state)
{
    wire_notice notice = {.end = WIRE_END_SIGNAL};
    if (!WIFSIGNALED(state)) {
        notice.end = WIRE_END_EXIT;
        return notice;
    }
    notice.signal = WTERMSIG(state);
    if (s->timed_out || notice.signal == SIGPROF || notice.signal == SIGXCPU) notice.end = WIRE_END_CPU;
    if (notice.signal == SIGSYS) notice.end = WIRE_END_CALL;
    return notice;
}

static void reap(template_job *job)
{
    int state;
    pid_t pid;
    while ((pid = waitpid(-1, &state, WNOHANG)) > 0) {
        for (int i = 0; i < job->n_slots; i++) {
            template_slot *s = &job->slot[i];
            if (s->pid != pid) continue;
            s->pid = 0;
            tell(s, how_ended(s, state));
        }
    }
}

/* The program holds the slot's worker for gone, whatever it is: so it goes, and with it the requests that nobody read
   (the program sends none before the new one's HELLO). */
static void clear(template_slot *s)
{
    wire_request stale;
    if (s->pid) kill(s->pid, SIGKILL);
    while (s->pid && waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    s->pid = 0;
    s->untold = false;
    for (int i = 0; i < STALE_REQUESTS && recv(s->socket, &stale, sizeof(stale), MSG_DONTWAIT) >= 0; i++)
        ;
}

static void start(template_job *job, template_slot *s, uint64_t serial)
{
    clear(s);
    s->serial = serial;
    const pid_t self = getpid();
    const pid_t pid = fork();
    if (pid == 0) worker_run(job, s, self);
    s->timed_out = false;
    if (pid > 0)
        s->pid = pid;
    else
        tell(s, (wire_notice){.end = WIRE_END_NO_PROCESS});
}

static void follow(template_job *job, const wire_command *command)
{
    if (command->slot < 0 || command->slot >= job->n_slots) return;
    template_slot *s = &job->slot[command->slot];
    if (command->order == WIRE_START) start(job, s, command->serial);
    if (command->order != WIRE_STOP) return;
    if (!s->pid) {
        tell_kept(s); /* once more: the program seems not to have heard it */
        return;
    }
    s->timed_out = true;
    kill(s->pid, SIGKILL);
}

static _Noreturn void end(const template_job *job)
{
    for (int i = 0; i < job->n_slots; i++)
        if (job->slot[i].pid) kill(job->slot[i].pid, SIGKILL);
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
        ;
    _exit(0);
}

_Noreturn void template_run(template_job *job)
{
    sigset_t none;
    settle(job);
    sigemptyset(&none);
    for (;;) {
        struct pollfd wait = {.fd = job->control, .events = POLLIN};
        const struct timespec again = {.tv_nsec = AGAIN_MS * 1000000L};
        const int ready = ppoll(&wait, 1, tell_again(job) ? &again : NULL, &none);
        if (ready < 0 && errno != EINTR) end(job);
        reap(job);
        if (ready < 1) continue;
        wire_command command;
        const ssize_t n = recv(job->control, &command, sizeof(command), MSG_DONTWAIT);
        if (n == (ssize_t)sizeof(command))
            follow(job, &command);
        else if (n >= 0 || (errno != EAGAIN && errno != EINTR))
            end(job); /* the program is gone */
    }
}
