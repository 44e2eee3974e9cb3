/* libnftables, in a namespace and quiet.
 *
 * It writes to the terminal unless told to buffer, and ends the program where there is no netlink socket to
 * be had; so we try that first. Scripts go in as a file without a name: only for files it says the line of
 * a mistake. */
#include <errno.h>
#include <nftables/libnftables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel/linux/nft.h"
#include "model/classes.h"

#define MISTAKE "Error: "
#define REFUSED "Could not process rule: "

static int context_new(struct nft_ctx **ret_ctx)
{
    int fd = netlink_open(NETLINK_NETFILTER);
    if (fd < 0)
        return fd;
    close(fd);
    struct nft_ctx *ctx = nft_ctx_new(NFT_CTX_DEFAULT);
    if (!ctx)
        return -ENOMEM;
    nft_ctx_buffer_output(ctx);
    nft_ctx_buffer_error(ctx);
    *ret_ctx = ctx;
    return 0;
}

int nft_open(struct linux_door *door, const char *ns, struct nft_ctx **ret_ctx)
{
    int r = namespaces_enter(&door->namespaces, ns);
    if (r < 0)
        return r;
    r = context_new(ret_ctx);
    if (r < 0)
        namespaces_leave(&door->namespaces);
    return r;
}

bool nft_try(const char *script)
{
    struct nft_ctx *ctx;
    if (context_new(&ctx) < 0)
        return false;
    int r = nft_run_cmd_from_buffer(ctx, script);
    nft_ctx_free(ctx);
    return r == 0;
}

void nft_close(struct linux_door *door, struct nft_ctx *ctx)
{
    nft_ctx_free(ctx);
    namespaces_leave(&door->namespaces);
}

/* The errno whose words these end with. */
static int error_of(const char *words)
{
    size_t length = strlen(words);
    for (int error = 1; error < EHWPOISON; error++) {
        const char *name = strerror(error);
        if (length >= strlen(name) && strcmp(words + length - strlen(name), name) == 0)
            return -error;
    }
    return -EINVAL;
}

/* "FILE:12:5-10: Error: Could not process rule: No such file or directory", the line, and marks below it. */
static int fault_of(struct linux_door *door, struct nft_ctx *ctx, size_t *ret_line)
{
    const char *text = nft_ctx_get_error_buffer(ctx), *words = strstr(text, MISTAKE);
    const char *place = words ? memchr(text, ':', (size_t)(words - text)) : NULL;
    *ret_line = place ? strtoul(place + 1, NULL, 10) : 0;
    words = words ? words + strlen(MISTAKE) : text;
    bool refused = strncmp(words, REFUSED, strlen(REFUSED)) == 0;
    size_t length = strcspn(words, "\n");
    struct text first CLEANUP_TEXT = {0}, said CLEANUP_TEXT = {0};
    text_add_n(&first, words, length);
    if (!refused) /* else the errno says it */
        text_add(&said, text_of(&first));
    const char *line = words[length] ? words + length + 1 : "";
    text_add(&said, said.length && *line != '\n' ? ": " : "");
    text_add_n(&said, line, strcspn(line, "\n"));
    door->reply = (struct reply){0};
    strncat(door->reply.text, text_of(&said), sizeof door->reply.text - 1);
    return error_of(text_of(&first));
}

int nft_list(struct linux_door *door, struct nft_ctx *ctx, int64_t family, json_t **ret_list)
{
    char command[40];
    size_t line;
    snprintf(command, sizeof command, "list ruleset %s", names_format(nft_family_names, family));
    nft_ctx_output_set_flags(ctx, NFT_CTX_OUTPUT_JSON | NFT_CTX_OUTPUT_TERSE | NFT_CTX_OUTPUT_NUMERIC_PRIO);
    int r = nft_run_cmd_from_buffer(ctx, command);
    nft_ctx_output_set_flags(ctx, 0);
    if (r != 0)
        return fault_of(door, ctx, &line);
    json_t *all = json_loads(nft_ctx_get_output_buffer(ctx), 0, NULL);
    json_t *list = json_incref(json_object_get(all, "nftables"));
    json_decref(all);
    if (!list)
        return -EBADMSG;
    *ret_list = list;
    return 0;
}

int nft_script(struct linux_door *door, struct nft_ctx *ctx, const struct text *script, size_t *ret_line)
{
    char path[40];
    int fd = memfd_create("plexus", MFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    *ret_line = 0;
    int r = write(fd, script->data, script->length) == (ssize_t)script->length ? 0 : -EIO;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (r == 0 && nft_run_cmd_from_filename(ctx, path) != 0)
        r = fault_of(door, ctx, ret_line);
    close(fd);
    return r;
}
