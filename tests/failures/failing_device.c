/* A device that fails on purpose, below a process that knows nothing of it (LD_PRELOAD).
 *
 * FAILING_DIRECTORY   the path prefix of files on the device
 * FAILING_TRIGGER     a file; its first word (read, write or sync) says what fails with EIO as long as it is there
 * FAILING_RECORD      each call that failed adds a line with its name to this file
 *
 * Only regular files that end in ".log" fail: those hold the records.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static int is_below(int fd) {
    const char *directory = getenv("FAILING_DIRECTORY");
    char link[64], path[4096];
    if (!directory) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 4) return 0;
    path[length] = 0;
    return !strncmp(path, directory, strlen(directory)) && !strcmp(path + length - 4, ".log");
}

static int fails(const char *kind, int fd, const char *call) {
    const char *trigger = getenv("FAILING_TRIGGER"), *record = getenv("FAILING_RECORD");
    char wanted[16] = {0};
    if (!trigger || !record || access(trigger, F_OK)) return 0;
    FILE *file = fopen(trigger, "r");
    int found = file ? fscanf(file, "%15s", wanted) : 0;
    if (file) fclose(file);
    if (found != 1 || strcmp(wanted, kind) || !is_below(fd)) return 0;
    int saved = open(record, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (saved >= 0) {
        dprintf(saved, "%s\n", call);
        close(saved);
    }
    errno = EIO;
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define FAILING(kind, type, name, declared, passed)      \
    type name declared {                                 \
        static __typeof__(&name) real;                   \
        if (!real) real = REAL(name);                    \
        return fails(kind, fd, #name) ? -1 : real passed; \
    }

FAILING("write", ssize_t, pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at))
FAILING("write", ssize_t, pwrite64, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at))
FAILING("write", ssize_t, pwritev, (int fd, const struct iovec *parts, int count, off_t at), (fd, parts, count, at))
FAILING("write", ssize_t, pwritev64, (int fd, const struct iovec *parts, int count, off64_t at), (fd, parts, count, at))
FAILING("write", ssize_t, pwritev2, (int fd, const struct iovec *parts, int count, off_t at, int flags),
        (fd, parts, count, at, flags))
FAILING("write", ssize_t, pwritev64v2, (int fd, const struct iovec *parts, int count, off64_t at, int flags),
        (fd, parts, count, at, flags))
FAILING("read", ssize_t, pread, (int fd, void *data, size_t size, off_t at), (fd, data, size, at))
FAILING("read", ssize_t, pread64, (int fd, void *data, size_t size, off64_t at), (fd, data, size, at))
FAILING("sync", int, fdatasync, (int fd), (fd))
