/* The DNS servers of a namespace: /etc/netns/NAME/resolv.conf, which `ip netns exec` mounts over
 * /etc/resolv.conf.
 *
 * What is not ours is never taken away: one that is adopted lives on in ours (resolver_file.h), and takes its
 * place again in the end; one that came after ours stays. The host's own /etc/resolv.conf belongs to the
 * host's resolver, and is never written. */
#include "kernel/linux/resolver_file.h"

#include <errno.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ip.h"
#include "kernel/linux/linux.h"

static int folder_of(const struct object *resolver, struct text *ret_folder)
{
    bool can = strcmp(resolver->ns, HOST) != 0 && resolver_file_folder(resolver->ns, ret_folder);
    return can ? 0 : -EOPNOTSUPP;
}

static void add_list(struct text *content, const char *key, const char *list, bool one_line)
{
    const char *separator = key;
    for (; list && *list; list += *list == ',') {
        size_t length = strcspn(list, ",");
        text_printf(content, "%s %.*s%s", separator, (int)length, list, one_line ? "" : "\n");
        separator = one_line ? "" : key;
        list += length;
    }
    if (one_line && separator != key)
        text_add(content, "\n");
}

static void add_content(const struct object *resolver, struct text *out)
{
    add_list(out, "nameserver", object_text(resolver, "servers"), false);
    add_list(out, "search", object_text(resolver, "search"), true);
}

static int put_ours(const char *folder, const struct resolver_file *now, const struct object *resolver,
                    const char *owner)
{
    struct original ours = {.mode = S_IFREG | 0644};
    resolver_file_begin(now, owner, &ours.bytes);
    add_content(resolver, &ours.bytes);
    resolver_file_end(now, &ours.bytes);
    int r = resolver_file_put(folder, &ours);
    text_done(&ours.bytes);
    return r;
}

/* As it was; where nobody knows that, what it said. */
static int give_back(const char *folder, const struct resolver_file *now, const struct object *resolver)
{
    struct original theirs = {.mode = S_IFREG | 0644};
    if (now->before.is_known)
        return resolver_file_put(folder, &now->before);
    add_content(resolver, &theirs.bytes);
    int r = resolver_file_put(folder, &theirs);
    text_done(&theirs.bytes);
    return r;
}

/* Somebody else's gives way only when the plan knew of it. */
static int resolver_set(struct linux_door *door, const struct step *step)
{
    struct text folder CLEANUP_TEXT = {0};
    struct resolver_file now CLEANUP_RESOLVER_FILE = {0};
    const char *owner = step->new->owner ? step->new->owner : door->topology;
    int r = folder_of(step->new, &folder);
    if (r < 0)
        return r;
    resolver_file_read(text_of(&folder), &now);
    bool is_adopted = step->old && !(step->old->flags & OBJECT_OURS);
    if (now.whose == RESOLVER_THEIRS && !is_adopted)
        return -EEXIST;
    if (step->new->flags & OBJECT_FOREIGN)
        return give_back(text_of(&folder), &now, step->new);
    return now.error ? now.error : put_ours(text_of(&folder), &now, step->new, owner ? owner : "");
}

static int take_away(const char *folder)
{
    struct resolver_file now CLEANUP_RESOLVER_FILE = {0};
    resolver_file_read(folder, &now);
    if (now.whose != RESOLVER_OURS)
        return 0;
    return now.before.is_known ? resolver_file_put(folder, &now.before)
                               : resolver_file_remove(folder, !now.had_folder);
}

static int resolver_del(struct linux_door *door, const struct step *step)
{
    struct text folder CLEANUP_TEXT = {0};
    (void)door;
    int r = folder_of(step->old, &folder);
    return r < 0 ? r : take_away(text_of(&folder));
}

void resolvers_forget(void)
{
    glob_t found;
    if (glob("/etc/netns/*/resolv.conf", 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++) {
            struct text folder CLEANUP_TEXT = {0}, ns CLEANUP_TEXT = {0};
            text_add_n(&folder, found.gl_pathv[i],
                       (size_t)(strrchr(found.gl_pathv[i], '/') - found.gl_pathv[i]));
            text_printf(&ns, "/run/netns%s", strrchr(text_of(&folder), '/'));
            if (access(text_of(&ns), F_OK) < 0 && errno == ENOENT)
                take_away(text_of(&folder));
        }
    globfree(&found);
}

static void add_word(struct text *list, const char *word)
{
    text_printf(list, "%s%s", list->length ? "," : "", word);
}

static void read_line(char *line, struct text *servers, struct text *search)
{
    char *rest = NULL, buffer[IP_TEXT_SIZE];
    const char *key = strtok_r(line, " \t", &rest), *word;
    struct ip ip;
    if (key && strcmp(key, "nameserver") == 0) {
        word = strtok_r(NULL, " \t", &rest);
        if (word)
            add_word(servers, ip_parse(word, &ip) == 0 ? ip_format(&ip, buffer) : word);
    } else if (key && strcmp(key, "search") == 0) {
        text_clear(search); /* the last line counts */
        while ((word = strtok_r(NULL, " \t", &rest)))
            add_word(search, word);
    }
}

static int resolver_observe(struct view *view)
{
    struct text folder CLEANUP_TEXT = {0}, servers CLEANUP_TEXT = {0}, search CLEANUP_TEXT = {0};
    struct resolver_file file CLEANUP_RESOLVER_FILE = {0};
    bool wanted = view->wanted && model_get(view->wanted, CLASS_RESOLVER, view->name, "resolver");
    if (!wanted || strcmp(view->name, HOST) == 0 || !resolver_file_folder(view->name, &folder))
        return 0;
    resolver_file_read(text_of(&folder), &file);
    if (file.whose == RESOLVER_NONE)
        return 0;
    struct object *object = view_new(view, CLASS_RESOLVER);
    if (file.whose == RESOLVER_OURS) {
        object->owner = arena_strdup(&view->model->arena, text_of(&file.owner));
        object->flags |= OBJECT_OURS;
    }
    char *rest = NULL;
    for (char *line = strtok_r(file.bytes.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        read_line(line, &servers, &search);
    object_set_text(view->model, object, "name", "resolver");
    object_set_text(view->model, object, "servers", text_of(&servers));
    object_set_text(view->model, object, "search", text_of(&search));
    model_add(view->model, object, NULL);
    return 0;
}

const struct linux_class linux_resolver = {
    .observe = resolver_observe,
    .add = resolver_set,
    .set = resolver_set,
    .del = resolver_del,
};
