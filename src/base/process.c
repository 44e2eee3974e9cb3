#include "base/process.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/text.h"

/* Where the kernel put the words of the command line and, behind them, those of the environment: from there
 * /proc/PID/cmdline is read, on into the environment where the last byte of the command line is no NUL. */
static struct {
    char *start, *end;
} words;

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

void process_words(int argc, char **argv)
{
    words.start = words.end = argc ? argv[0] : NULL;
    for (int i = 0; i < argc && argv[i] == words.end; i++)
        words.end += strlen(argv[i]) + 1;
    for (char **word = environ; words.start && *word && *word == words.end; word++)
        words.end += strlen(*word) + 1;
}

/* The environment is still of use to whoever is started. */
static void move_environment(void)
{
    for (char **word = environ; *word; word++)
        if (*word >= words.start && *word < words.end)
            *word = xstrdup(*word);
}

void process_title(const char *format, ...)
{
    struct text title CLEANUP_TEXT = {0};
    va_list args;
    if (!words.start)
        return;
    va_start(args, format);
    text_vprintf(&title, format, args);
    va_end(args);
    size_t size = (size_t)(words.end - words.start), length = title.length < size ? title.length : size - 1;
    move_environment();
    memset(words.start, 0, size);
    memcpy(words.start, text_of(&title), length);
}
