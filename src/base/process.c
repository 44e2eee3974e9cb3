#include "base/process.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

unsigned long long process_start(pid_t pid)
{
    struct text path CLEANUP_TEXT = {0};
    char data[1024];
    text_printf(&path, "/proc/%d/stat", (int)pid);
    int fd = open(text_of(&path), O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, data, sizeof data - 1);
    if (fd >= 0)
        close(fd);
    data[n > 0 ? n : 0] = '\0';
    /* The second field is a name in parentheses that may hold anything; then the state (one that ended and
     * was not yet collected holds nothing any more), and the twentieth is the start time. */
    char *field = strrchr(data, ')');
    if (field && strchr("ZX", field[1] ? field[2] : 'X'))
        return 0;
    for (int i = 0; field && i < 20; i++)
        field = strchr(field + 1, ' ');
    return field ? strtoull(field, NULL, 10) : 0;
}
