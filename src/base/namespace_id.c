#include "base/namespace_id.h"

#include <sys/stat.h>

void namespace_identify(const char *path, struct namespace_id *ret_id)
{
    enum { NANOSECONDS = 1000000000 };
    struct stat about;
    if (stat(path, &about) < 0)
        return;
    ret_id->device = about.st_dev;
    ret_id->inode = about.st_ino;
    ret_id->born =
        (unsigned long long)about.st_ctim.tv_sec * NANOSECONDS + (unsigned long long)about.st_ctim.tv_nsec;
}

bool namespace_is(const char *path, const struct namespace_id *id)
{
    struct namespace_id now = {0};
    namespace_identify(path, &now);
    return now.inode && now.device == id->device && now.inode == id->inode &&
           (!id->born || now.born == id->born);
}
