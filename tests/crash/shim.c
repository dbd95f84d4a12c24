/* A disk that is slow, or fails at random: preloaded, for files in one folder.

   SHIM_FOLDER  where it acts
   SHIM_SLOW    milliseconds that each flush takes
   SHIM_FAIL    of 1000 writes and flushes, how many fail, while there is a file `storm` in the folder
   SHIM_SEED    of chance */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static __thread unsigned int chance;

static int number(const char *name) {
    const char *text = getenv(name);
    return text ? atoi(text) : 0;
}

static int concerns(int fd) {
    char link[64], path[PATH_MAX];
    const char *folder = getenv("SHIM_FOLDER");
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (!folder || length < 0) return 0;
    path[length] = 0;
    return strncmp(path, folder, strlen(folder)) == 0 && strstr(path, "data.json") != NULL;
}

static int fails(void) {
    char storm[PATH_MAX];
    snprintf(storm, sizeof storm, "%s/storm", getenv("SHIM_FOLDER"));
    if (!chance) chance = (unsigned int)(number("SHIM_SEED") + getpid());
    return access(storm, F_OK) == 0 && (int)(rand_r(&chance) % 1000) < number("SHIM_FAIL");
}

ssize_t write(int fd, const void *data, size_t size) {
    static ssize_t (*real)(int, const void *, size_t);
    if (!real) real = dlsym(RTLD_NEXT, "write");
    if (concerns(fd) && fails()) {
        size_t part = rand_r(&chance) % 2 ? size / 2 : 0;
        if (part) return real(fd, data, part);
        errno = rand_r(&chance) % 2 ? EIO : ENOSPC;
        return -1;
    }
    return real(fd, data, size);
}

static int flush(const char *name, int fd) {
    int (*real)(int) = dlsym(RTLD_NEXT, name);
    if (concerns(fd)) {
        int slow = number("SHIM_SLOW");
        struct timespec pause = {slow / 1000, (slow % 1000) * 1000000L};
        if (slow) nanosleep(&pause, NULL);
        if (fails()) {
            errno = EIO;
            return -1;
        }
    }
    return real(fd);
}

int fdatasync(int fd) { return flush("fdatasync", fd); }

int fsync(int fd) { return flush("fsync", fd); }
