/* valgrind 3.19 writes into the mask that sigsuspend is given, and dies where it cannot, as with that of
 * libdispatch.so, which is constant: here it gets a copy. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

int sigsuspend(const sigset_t *mask)
{
    sigset_t copy = *mask;
    return (int)syscall(SYS_rt_sigsuspend, &copy, _NSIG / 8);
}
