#include "base/regular.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int regular_open(const char *path, int flags)
{
    struct stat about = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags, 0600);
    int r = fd < 0 || fstat(fd, &about) < 0 ? -errno : 0;
    if (r == 0 && !S_ISREG(about.st_mode))
        r = S_ISDIR(about.st_mode) ? -EISDIR : -ENXIO;
    if (r == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return r;
}

bool regular_is_odd(int r)
{
    return r == -EISDIR || r == -ENXIO;
}

const char *regular_why(int r)
{
    return r == -EISDIR ? "it is a folder" : r == -ENXIO ? "it is no regular file" : strerror(-r);
}
