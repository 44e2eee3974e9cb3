/* Large sets that need not be read again.
 *
 * The kernel numbers the states of a namespace's tables, one up with each transaction. As long as the
 * number is that at which a set was read or written, it is as it was; and where our own transactions alone
 * have raised it, what they changed is known. Reading 100,000 elements takes the kernel a second, since
 * each piece of a dump begins to search from the start; and an apply looks three times.
 *
 * What is known is kept for the next process in a file. Until the next boot no two namespaces have one
 * cookie, so it can be old or damaged, which costs that second, but not wrong. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/linux/nft.h"

enum {
    WORTH_KEEPING = 4096, /* bytes of text */
    KEPT_MAX = 64,        /* sets in the file, those last used first */
    FILE_MAX = 256 * 1024 * 1024,
};
#define FILE_NAME "sets.cache"

struct nft_known {
    struct nft_state at;
    char *id;
    const char *text; /* of a set: its elements */
    char *own;        /* the same where it is of no file; or NULL */
    struct nft_known *next;
};

int nft_state(struct linux_door *door, int fd, struct nft_state *ret_state)
{
    const struct nlattr *attrs[NFTA_GEN_ID + 1];
    struct nft_state state = {0};
    socklen_t size = sizeof state.cookie;
    message_begin(&door->message, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN, 0, sizeof(struct nfgenmsg));
    int r = netlink_dump(fd, &door->message, &door->dump, &door->reply);
    const struct nlmsghdr *m = r < 0 ? NULL : dump_next(door->dump.data, door->dump.length, NULL);
    if (!m)
        return r < 0 ? r : -EBADMSG;
    attrs_of_message(m, sizeof(struct nfgenmsg), attrs, NFTA_GEN_ID);
    state.generation = ntohl((uint32_t)attr_number(attrs[NFTA_GEN_ID], 0));
    if (getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &state.cookie, &size) < 0)
        state.cookie = 0; /* before Linux 5.14: nothing is kept */
    *ret_state = state;
    return 0;
}

/* ---- the file ---- */

static char *file_path(const struct linux_door *door, const char *suffix)
{
    struct text path = {0};
    text_printf(&path, "%s/" FILE_NAME "%s", door->door.run_dir, suffix);
    return path.data;
}

/* `text` is borrowed. */
static struct nft_known *known_new(struct nft_state at, const char *id, const char *text)
{
    struct nft_known *known = xrealloc(NULL, 1, sizeof *known);
    *known = (struct nft_known){.at = at, .id = xstrdup(id), .text = text};
    return known;
}

/* "COOKIE GENERATION LENGTH ID", a newline, the elements, a newline; and so on. */
static void parse_file(struct linux_door *door, char *at, const char *end)
{
    struct nft_known **last = &door->nft_known;
    for (char *line_end; (line_end = memchr(at, '\n', (size_t)(end - at)));) {
        *line_end++ = '\0';
        struct nft_state state = {.cookie = strtoull(at, &at, 10),
                                  .generation = (uint32_t)strtoul(at, &at, 10)};
        size_t length = strtoul(at, &at, 10);
        if (*at != ' ' || !state.cookie || length >= (size_t)(end - line_end))
            return;
        line_end[length] = '\0';
        *last = known_new(state, at + 1, line_end);
        last = &(*last)->next;
        at = line_end + length + 1;
    }
}

static void load(struct linux_door *door)
{
    struct stat about;
    if (door->nft_is_loaded || !door->door.run_dir)
        return;
    door->nft_is_loaded = true;
    char *path = file_path(door, "");
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    free(path);
    if (fd >= 0 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size < FILE_MAX) {
        char *data = xrealloc(NULL, (size_t)about.st_size + 1, 1);
        ssize_t n = read(fd, data, (size_t)about.st_size);
        if (n > 0)
            parse_file(door, data, data + n);
        door->nft_kept = data;
    }
    if (fd >= 0)
        close(fd);
}

static bool write_all(int fd, const char *data, size_t size)
{
    for (ssize_t n; size; data += n, size -= (size_t)n)
        if ((n = write(fd, data, size)) <= 0)
            return false;
    return true;
}

static bool write_file(const struct linux_door *door, int fd)
{
    unsigned n = 0;
    for (const struct nft_known *known = door->nft_known; known && n < KEPT_MAX; known = known->next) {
        struct text line CLEANUP_TEXT = {0};
        size_t length = strlen(known->text);
        if (!known->at.cookie || length < WORTH_KEEPING)
            continue;
        n++;
        text_printf(&line, "%" PRIu64 " %" PRIu32 " %zu %s\n", known->at.cookie, known->at.generation, length,
                    known->id);
        if (!write_all(fd, line.data, line.length) || !write_all(fd, known->text, length) ||
            !write_all(fd, "\n", 1))
            return false;
    }
    return n > 0;
}

/* Where there is no such folder, or no space in it, nothing is kept; and it is gone rather than half. */
static void save(const struct linux_door *door)
{
    char suffix[16];
    snprintf(suffix, sizeof suffix, ".%d", getpid());
    char *path = file_path(door, ""), *new_path = file_path(door, suffix);
    int fd = open(new_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool is_whole = fd >= 0 && write_file(door, fd);
    if (fd >= 0)
        close(fd);
    if (!is_whole || rename(new_path, path) < 0) {
        if (fd >= 0)
            unlink(new_path);
        unlink(path);
    }
    free(path);
    free(new_path);
}

/* ---- what is known ---- */

static void drop(struct nft_known **at)
{
    struct nft_known *known = *at;
    *at = known->next;
    free(known->id);
    free(known->own);
    free(known);
}

void nft_known_put(struct linux_door *door, const struct object *set, struct nft_state at, const char *text,
                   bool is_new)
{
    nft_known_drop(door, set, at.cookie);
    if (!at.cookie || (!is_new && strlen(text) < WORTH_KEEPING))
        return;
    struct nft_known *known = known_new(at, set->id, NULL);
    known->text = known->own = xstrdup(text);
    known->next = door->nft_known;
    door->nft_known = known;
    door->nft_is_news = true;
}

const char *nft_known_get(struct linux_door *door, const struct object *set, struct nft_state at)
{
    load(door);
    for (const struct nft_known *known = door->nft_known; known; known = known->next)
        if (known->at.cookie == at.cookie && known->at.generation == at.generation &&
            strcmp(known->id, set->id) == 0)
            return known->text;
    return NULL;
}

/* Of a table, all in its namespace: that costs no more than a look. */
void nft_known_drop(struct linux_door *door, const struct object *object, uint64_t cookie)
{
    load(door);
    for (struct nft_known **at = &door->nft_known; *at;) {
        if ((*at)->at.cookie == cookie &&
            (object->class->id == CLASS_TABLE || strcmp((*at)->id, object->id) == 0)) {
            drop(at);
            door->nft_is_news = true;
        } else {
            at = &(*at)->next;
        }
    }
}

void nft_known_advance(struct linux_door *door, struct nft_state before, struct nft_state after)
{
    for (struct nft_known *known = door->nft_known; known && after.generation == before.generation + 1;
         known = known->next)
        if (known->at.cookie == after.cookie && known->at.generation == before.generation) {
            known->at.generation = after.generation;
            door->nft_is_news = true;
        }
}

bool nft_knows_any(struct linux_door *door)
{
    load(door);
    return door->nft_known;
}

void nft_known_done(struct linux_door *door)
{
    if (door->nft_is_news && door->door.run_dir)
        save(door);
    while (door->nft_known)
        drop(&door->nft_known);
    free(door->nft_kept);
}
