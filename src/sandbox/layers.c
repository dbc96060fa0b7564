/* Resource limits, Landlock, seccomp (integration B.4): each may be missing on an old kernel or in a container, and is
   named then. */
#define _GNU_SOURCE
#include "layers.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "restage/text.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

/* No file's own limit may be above this: the largest file with its pixels, and 512 MiB and three frames (B.1). */
#define MOST_BYTES ((uint64_t)16 << 30)

/* Sanitizers and valgrind reserve terabytes and make calls of their own. */
bool layers_watched(void)
{
    const char *preloaded = getenv("LD_PRELOAD");
    return SANITIZED || (preloaded && strstr(preloaded, "vgpreload"));
}

static void miss(layers *l, const char *layer, const char *why)
{
    const size_t n = strlen(l->missing);
    rs_text_format(l->missing + n, sizeof(l->missing) - n, "%s%s (%s)", n ? ", " : "", layer, why);
}

/* Bytes of address space, from the first number of /proc/self/statm. */
static uint64_t address_space(void)
{
    char text[64] = "";
    const int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    const ssize_t n = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[n > 0 ? n : 0] = 0;
    text[strcspn(text, " ")] = 0;
    int64_t pages = 0;
    return rs_text_integer(text, &pages) && pages > 0 ? (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

static void limit(layers *l)
{
    static const struct {
        __rlimit_resource_t resource;
        rlim_t most;
    } rows[] = {{RLIMIT_CORE, 0}, {RLIMIT_FSIZE, 0}, {RLIMIT_NOFILE, 0}, {RLIMIT_NPROC, 0}};
    l->limits = true;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct rlimit r = {rows[i].most, rows[i].most};
        if (setrlimit(rows[i].resource, &r)) l->limits = false;
    }
    if (!l->limits) miss(l, "limits", strerror(errno));
    if (layers_watched()) {
        l->rest_bytes = 0;
        miss(l, "memory limit", "the program runs under a memory checker");
        return;
    }
    const struct rlimit r = {l->rest_bytes + MOST_BYTES, l->rest_bytes + MOST_BYTES};
    if (!l->rest_bytes || setrlimit(RLIMIT_AS, &r)) {
        l->limits = false;
        l->rest_bytes = 0;
        miss(l, "memory limit", "it cannot be set");
    }
}

/* No rule is added: nothing of the file system is left (only file-system rights, those of the first ABI on). */
static void enter_landlock(layers *l)
{
    static const uint64_t rights[] = {(1u << 13) - 1, (1u << 14) - 1, (1u << 15) - 1, (1u << 15) - 1, (1u << 16) - 1};
    const long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1) {
        miss(l, "landlock", abi < 0 ? strerror(errno) : "unknown version");
        return;
    }
    const uint64_t handled = rights[(abi > 5 ? 5 : abi) - 1];
    const long fd = syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0);
    if (fd >= 0) l->landlock = syscall(SYS_landlock_restrict_self, fd, 0) == 0;
    if (!l->landlock) miss(l, "landlock", strerror(errno));
    if (fd >= 0) close((int)fd);
}

/* Calls that decoding needs; whatever else is called ends the process. */
static int allow(scmp_filter_ctx filter)
{
    static const int calls[] = {
        SCMP_SYS(read),         SCMP_SYS(write),          SCMP_SYS(close),         SCMP_SYS(mmap),
        SCMP_SYS(munmap),       SCMP_SYS(mprotect),       SCMP_SYS(mremap),        SCMP_SYS(madvise),
        SCMP_SYS(brk),          SCMP_SYS(futex),          SCMP_SYS(exit),          SCMP_SYS(exit_group),
        SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(clock_gettime), SCMP_SYS(getrandom),
        SCMP_SYS(lseek),        SCMP_SYS(fstat),          SCMP_SYS(newfstatat),    SCMP_SYS(pread64),
        SCMP_SYS(sched_yield),  SCMP_SYS(setitimer),      SCMP_SYS(gettid),        SCMP_SYS(getpid),
    };
    int failed = 0;
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
    /* Its own address space for each file, and abort() to end itself. */
    failed |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 2, SCMP_A0(SCMP_CMP_EQ, 0),
                               SCMP_A1(SCMP_CMP_EQ, RLIMIT_AS));
    failed |=
        seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
    return failed;
}

static void enter_seccomp(layers *l)
{
    if (layers_watched()) {
        miss(l, "seccomp", "the program runs under a memory checker");
        return;
    }
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int failed = filter ? allow(filter) : -ENOMEM;
    if (!failed) failed = seccomp_load(filter);
    l->seccomp = !failed;
    if (failed) miss(l, "seccomp", strerror(failed < 0 ? -failed : EINVAL));
    if (filter) seccomp_release(filter);
}

void layers_enter(layers *out)
{
    *out = (layers){0};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    /* Files end with Landlock, which itself needs a descriptor: hence the order. */
    out->rest_bytes = address_space();
    enter_landlock(out);
    limit(out);
    enter_seccomp(out);
}

void layers_arm(const layers *l, uint64_t memory, int seconds)
{
    const struct itimerval clock = {.it_value = {.tv_sec = seconds}};
    setitimer(ITIMER_PROF, &clock, NULL);
    if (!l->rest_bytes) return;
    struct rlimit r;
    if (getrlimit(RLIMIT_AS, &r)) return;
    r.rlim_cur = (rlim_t)(l->rest_bytes + memory) < r.rlim_max ? (rlim_t)(l->rest_bytes + memory) : r.rlim_max;
    setrlimit(RLIMIT_AS, &r);
}

void layers_disarm(void)
{
    const struct itimerval none = {0};
    setitimer(ITIMER_PROF, &none, NULL);
}
