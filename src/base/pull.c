#include "base/pull.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct pull pull_of(char *text, size_t size)
{
    return (struct pull){.at = text, .end = text + size};
}

/* The NUL at the end is the beginning of nothing, so all that is read later fails by itself. */
void pull_refuse(struct pull *pull)
{
    pull->damaged = true;
    pull->at = pull->end;
}

char pull_next(struct pull *pull)
{
    while (*pull->at == ' ' || *pull->at == '\n' || *pull->at == '\t' || *pull->at == '\r')
        pull->at++;
    return *pull->at;
}

bool pull_is_whole(struct pull *pull)
{
    pull_next(pull);
    return !pull->damaged && pull->at == pull->end;
}

static bool pull_sign(struct pull *pull, char sign)
{
    if (pull_next(pull) == sign)
        pull->at++;
    else
        pull_refuse(pull);
    return !pull->damaged;
}

void pull_open(struct pull *pull, char bracket)
{
    pull->first = pull_sign(pull, bracket);
}

static bool goes_on(struct pull *pull, char closing)
{
    bool first = pull->first;
    pull->first = false;
    if (pull_next(pull) == closing) {
        pull->at++;
        return false;
    }
    return first ? !pull->damaged : pull_sign(pull, ',');
}

bool pull_item(struct pull *pull)
{
    return goes_on(pull, ']');
}

bool pull_member(struct pull *pull, const char **ret_key)
{
    if (!goes_on(pull, '}'))
        return false;
    *ret_key = pull_text(pull);
    return pull_sign(pull, ':');
}

int pull_member_of(struct pull *pull, const struct name *members, unsigned *seen)
{
    const char *key;
    int64_t number;
    if (!pull_member(pull, &key))
        return -1;
    if (names_parse(members, key, &number) < 0 || *seen & 1U << number) {
        pull_refuse(pull);
        return -1;
    }
    *seen |= 1U << number;
    return (int)number;
}

/* Four hexadecimal digits; -1: they are not. */
static int hex4(const char *digits)
{
    int number = 0;
    for (unsigned i = 0; i < 4; i++) {
        static const char hex[] = "0123456789abcdef";
        const char *at =
            digits[i] ? strchr(hex, digits[i] >= 'A' && digits[i] <= 'F' ? digits[i] | 0x20 : digits[i])
                      : NULL;
        if (!at)
            return -1;
        number = number << 4 | (int)(at - hex);
    }
    return number;
}

static char *put_utf8(char *out, int c)
{
    if (c < 0x80) {
        *out++ = (char)c;
        return out;
    }
    unsigned more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const int leads[] = {0, 0xc0, 0xe0, 0xf0};
    *out++ = (char)(leads[more] | c >> 6 * more);
    while (more--)
        *out++ = (char)(0x80 | (c >> 6 * more & 0x3f));
    return out;
}

/* Behind "\u": one character, or the first half of a pair and the second. It is never longer than it was
 * escaped. NULL: it is none. */
static char *put_escaped(struct pull *pull, char *out)
{
    int c = hex4(pull->at);
    if (c <= 0 || (c >= 0xdc00 && c < 0xe000))
        return NULL;
    pull->at += 4;
    if (c >= 0xd800 && c < 0xdc00) {
        int low = pull->at[0] == '\\' && pull->at[1] == 'u' ? hex4(pull->at + 2) : -1;
        if (low < 0xdc00 || low >= 0xe000)
            return NULL;
        pull->at += 6;
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
    return put_utf8(out, c);
}

/* Behind a backslash. */
static char *put_escape(struct pull *pull, char *out)
{
    static const char names[] = "\"\\/bfnrt", characters[] = "\"\\/\b\f\n\r\t";
    char c = *pull->at++;
    if (c == 'u')
        return put_escaped(pull, out);
    const char *at = c ? strchr(names, c) : NULL;
    if (!at)
        return NULL;
    *out++ = characters[at - names];
    return out;
}

static bool is_plain(char c)
{
    return c >= ' ' && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

/* What stands for itself: one character beyond ASCII, or a run of others. */
static char *put_plain(struct pull *pull, char *out)
{
    const char *from = pull->at;
    if ((unsigned char)*from >= 0x80)
        pull->at += utf8_length(from, (size_t)(pull->end - from));
    else
        while (is_plain(*pull->at))
            pull->at++;
    size_t length = (size_t)(pull->at - from);
    if (out != from)
        memmove(out, from, length);
    return length ? out + length : NULL;
}

const char *pull_text(struct pull *pull)
{
    if (!pull_sign(pull, '"'))
        return NULL;
    const char *text = pull->at;
    char *out = pull->at;
    while (out && *pull->at != '"') {
        if (*pull->at == '\\') {
            pull->at++;
            out = put_escape(pull, out);
        } else {
            out = put_plain(pull, out);
        }
    }
    if (!out) {
        pull_refuse(pull);
        return NULL;
    }
    pull->at++;
    *out = '\0';
    return text;
}

int64_t pull_integer(struct pull *pull, int64_t min, int64_t max)
{
    pull_next(pull);
    const char *digits = pull->at + (*pull->at == '-');
    bool zeros = digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9';
    if (*digits < '0' || *digits > '9' || zeros) {
        pull_refuse(pull);
        return 0;
    }
    errno = 0;
    long long number = strtoll(pull->at, &pull->at, 10);
    if (errno || number < min || number > max) {
        pull_refuse(pull);
        return 0;
    }
    return number;
}

bool pull_bool(struct pull *pull)
{
    bool is_true = pull_next(pull) == 't';
    const char *word = is_true ? "true" : "false";
    if (strncmp(pull->at, word, strlen(word)) == 0)
        pull->at += strlen(word);
    else
        pull_refuse(pull);
    return is_true && !pull->damaged;
}
