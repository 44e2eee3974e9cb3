/* Files to one tree.
 *
 * A topology is a file, several files, or a folder of them; a file may include others. All become one map of
 * sections: maps merge by key (the same key twice is a mistake that names both places), lists are appended,
 * namespaces merge section by section. `include` may also stand in a namespace, and then the file's sections
 * are that namespace's.
 *
 * The file of a set of addresses is read here too, and becomes a part of what is kept: the network of
 * yesterday must not depend on the file of today.
 *
 * An included file's `name` and `description` are not used, so that it can be a topology of its own too. The
 * same file included twice, also by two ways, counts once. */
#include "file/load.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/map.h"
#include "base/regular.h"
#include "file/emit.h"
#include "file/source.h"
#include "file/yaml.h"

/* A file being read, and the one that includes it. */
struct chain {
    const struct chain *above;
    const char *path;
    const char *identity; /* device and inode */
};

struct loader {
    struct arena *arena;
    struct errors *errors;
    struct text source; /* of the last file read */
    unsigned n_files;
    size_t weight; /* of all files together */
    bool from_memory, in_folder;
    bool of_set; /* what is read is no network file, but the addresses of a set */
};

/* Reading */

static void complain_open(struct loader *l, const char *path, const struct place *use, const char *message,
                          const char *hint)
{
    struct error *error;
    if (use)
        error =
            errors_add(l->errors, use,
                       l->of_set ? "cannot read `%s`, the addresses of a set: %s" : "cannot include `%s`: %s",
                       path, message);
    else
        error = errors_add(l->errors, &(struct place){.file = path}, "%s", message);
    if (hint)
        error_hint(l->errors, error, "%s", hint);
}

/* `plexus apply lab` where lab.yaml lies: the commands that take a name are others. */
static const char *with_ending(struct loader *l, const char *path)
{
    const char *file = arena_printf(l->arena, "%s.yaml", path);
    return access(file, F_OK) == 0 ? arena_printf(l->arena, "did you mean `%s`?", file) : NULL;
}

static int complain_errno(struct loader *l, const char *path, const struct place *use, int error)
{
    switch (error) {
    case ENOENT:
        complain_open(l, path, use, "no such file",
                      l->of_set
                          ? "make it, with an address, a network or a range a line; its path is relative to "
                            "the file that names it"
                      : use ? "the path is relative to the including file"
                            : with_ending(l, path));
        break;
    case EACCES:
        complain_open(l, path, use, "permission denied", "this user may not read the file");
        break;
    case EISDIR:
        complain_open(l, path, use, "is a directory", "name the files in it");
        break;
    case ENXIO:
        complain_open(l, path, use, "is no regular file",
                      use || l->in_folder ? "a pipe must be named on the command line" : NULL);
        break;
    default:
        complain_open(l, path, use, strerror(error), NULL);
    }
    return -EINVAL;
}

static int complain_size(struct loader *l, const char *path, const struct place *use)
{
    const char *message =
        arena_printf(l->arena, "too large: a network file has at most %d MiB", LOAD_SIZE_MAX / 1024 / 1024);
    complain_open(l, path, use, message, "use `count` and aliases for what repeats, or several files");
    return -EINVAL;
}

/* Reads all of fd into l->source. Returns 0, 1 when it is too large, or a negative errno. */
static int read_all(struct loader *l, int fd)
{
    char buffer[64 * 1024];
    ssize_t n;
    text_clear(&l->source);
    while ((n = read(fd, buffer, sizeof buffer)) > 0) {
        text_add_n(&l->source, buffer, (size_t)n);
        if (l->source.length > LOAD_SIZE_MAX)
            return 1;
    }
    return n < 0 ? -errno : 0;
}

/* A pipe is waited for where it was named on the command line. */
static int open_file(const struct loader *l, const char *path, const struct place *use)
{
    if (use || l->in_folder)
        return regular_open(path, 0);
    int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    return fd < 0 ? -errno : fd;
}

/* Opens, refuses what is no file or too large, reads; *ret_identity tells the same file by another name. */
static int slurp(struct loader *l, const char *path, const struct place *use, const char **ret_identity)
{
    int fd = open_file(l, path, use);
    if (fd < 0)
        return complain_errno(l, path, use, -fd);

    struct stat st;
    int r = fstat(fd, &st) < 0 ? -errno : S_ISDIR(st.st_mode) ? -EISDIR : 0;
    if (r == 0)
        r = S_ISREG(st.st_mode) && st.st_size > LOAD_SIZE_MAX ? 1 : read_all(l, fd);
    close(fd);
    if (r)
        return r > 0 ? complain_size(l, path, use) : complain_errno(l, path, use, -r);
    *ret_identity =
        arena_printf(l->arena, "%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
    return 0;
}

static const char *path_beside(struct loader *l, const char *file, const char *path)
{
    const char *slash = strrchr(file, '/');
    if (path[0] == '/' || !slash)
        return path;
    return arena_printf(l->arena, "%.*s/%s", (int)(slash - file), file, path);
}

/* Merging */

static void refuse_twice(struct loader *l, const struct place *place, const struct place *first,
                         const char *what)
{
    struct error *error = errors_add(l->errors, place, "`%s` is given twice", what);
    error_hint(l->errors, error, "first given at %s:%d:%d", first->file, first->line, first->column);
}

/* What the keys of a map are. */
enum level { LEVEL_TOP, LEVEL_NAMESPACES, LEVEL_NAMESPACE, LEVEL_ENTRIES };

static struct node *merge_maps(struct loader *l, const struct node *a, const struct node *b,
                               enum level level);

static enum level level_below(enum level level, const char *key)
{
    if (level == LEVEL_TOP && strcmp(key, "namespaces") == 0)
        return LEVEL_NAMESPACES;
    if (level != LEVEL_NAMESPACES && strcmp(key, "firewall") == 0)
        return LEVEL_NAMESPACE; /* its rules are one list as well */
    return level == LEVEL_NAMESPACES ? LEVEL_NAMESPACE : LEVEL_ENTRIES;
}

static void refuse_forms(struct loader *l, const struct pair *a, const struct pair *b)
{
    struct error *error = errors_add(l->errors, &b->value->place, "`%s` is %s here, but %s elsewhere",
                                     b->key->text, node_form_text(b->value), node_form_text(a->value));
    const struct place *first = &a->value->place;
    error_hint(l->errors, error, "first given at %s:%d:%d", first->file, first->line, first->column);
}

static struct node *merge_lists(struct loader *l, const struct node *a, const struct node *b)
{
    struct node *list = node_new(l->arena, NODE_LIST, &a->place);
    for (size_t i = 0; i < node_count(a); i++)
        node_add_item(l->arena, list, (struct node *)node_item(a, i));
    for (size_t i = 0; i < node_count(b); i++)
        node_add_item(l->arena, list, (struct node *)node_item(b, i));
    return list;
}

/* Two values of one key; `level` is that of the maps in which they stand. */
static struct node *merge_values(struct loader *l, const struct pair *a, const struct pair *b,
                                 enum level level)
{
    struct node *first = a->value, *second = b->value;
    if (node_is_null(second))
        return first;
    if (node_is_null(first))
        return second;
    if (level == LEVEL_ENTRIES)
        refuse_twice(l, &b->key->place, &a->key->place, b->key->text);
    else if (node_is_map(first) && node_is_map(second))
        return merge_maps(l, first, second, level_below(level, a->key->text));
    else if (node_is_map(first) || node_is_map(second))
        refuse_forms(l, a, b);
    else if (node_is_list(first) || node_is_list(second))
        return merge_lists(l, first, second);
    else if (strcmp(first->text, second->text) != 0 && strcmp(a->key->text, "description") != 0)
        refuse_twice(l, &second->place, &first->place, a->key->text);
    return first;
}

static struct node *merge_maps(struct loader *l, const struct node *a, const struct node *b, enum level level)
{
    CLEANUP_MAP struct map index = {0};
    struct node *merged = node_new(l->arena, NODE_MAP, &a->place);
    for (size_t i = 0; i < a->n; i++) {
        node_add_pair(l->arena, merged, a->pairs[i].key, a->pairs[i].value);
        map_set(&index, a->pairs[i].key->text, &a->pairs[i]);
    }
    for (size_t i = 0; i < b->n; i++) {
        const struct pair *known = map_get(&index, b->pairs[i].key->text);
        if (!known) {
            node_add_pair(l->arena, merged, b->pairs[i].key, b->pairs[i].value);
            continue;
        }
        struct pair *pair = &merged->pairs[known - a->pairs];
        pair->value = merge_values(l, pair, &b->pairs[i], level);
    }
    return merged;
}

/* Sets of addresses: `{file: NAME}` becomes the text of the file */

/* The text as a scalar; its lines are counted from 1 behind the place. */
static int load_set(struct loader *l, const struct node *word, struct node **ret)
{
    const char *identity, *path = path_beside(l, word->place.file, word->text);
    struct source source;
    if (l->from_memory) {
        errors_add(l->errors, &word->place, "`file` works only in files");
        return -EINVAL;
    }
    l->of_set = true;
    int r = slurp(l, path, &word->place, &identity);
    l->of_set = false;
    if (r == 0)
        r = source_init(&source, path, text_of(&l->source), l->source.length, l->arena, l->errors);
    if (r < 0)
        return r;
    text_add(&l->source, "\n"); /* behind the last line, whether it has one or not */
    for (char *c = l->source.data; *c; c++)
        *c = *c == '\r' ? ' ' : *c;
    *ret = node_new_scalar(l->arena, arena_strdup(l->arena, l->source.data), &(struct place){.file = path});
    l->n_files++;
    return 0;
}

static int load_sets(struct loader *l, const struct node *sections)
{
    const struct node *firewall = node_value(sections, "firewall");
    const struct node *sets = firewall ? node_value(firewall, "sets") : NULL;
    int r = 0;
    for (size_t i = 0; sets && sets->form == NODE_MAP && i < sets->n; i++) {
        const struct node *file = node_value(sets->pairs[i].value, "file");
        if (!file || sets->pairs[i].value->n != 1 || !node_is_scalar(file) || node_is_null(file))
            continue;
        int one = load_set(l, file, &sets->pairs[i].value);
        r = r < 0 ? r : one;
    }
    return r;
}

static int load_all_sets(struct loader *l, const struct node *root)
{
    const struct node *namespaces = node_value(root, "namespaces");
    int r = load_sets(l, root);
    for (size_t i = 0; namespaces && namespaces->form == NODE_MAP && i < namespaces->n; i++) {
        int one = load_sets(l, namespaces->pairs[i].value);
        r = r < 0 ? r : one;
    }
    return r;
}

/* Including */

static int load_file(struct loader *l, const char *path, const struct place *use, const struct chain *above,
                     struct map *seen, struct node **ret_root);

static struct node *without(struct loader *l, const struct node *map, const char *const *keys)
{
    struct node *rest = node_new(l->arena, NODE_MAP, &map->place);
    for (size_t i = 0; i < map->n; i++) {
        bool drop = false;
        for (const char *const *key = keys; *key; key++)
            drop |= strcmp(map->pairs[i].key->text, *key) == 0;
        if (!drop)
            node_add_pair(l->arena, rest, map->pairs[i].key, map->pairs[i].value);
    }
    return rest;
}

static int include_one(struct loader *l, const struct node *word, const struct chain *chain, struct map *seen,
                       enum level level, struct node **map)
{
    static const char *const own[] = {"name", "description", NULL};
    if (!node_is_scalar(word) || node_is_null(word)) {
        errors_add(l->errors, &word->place, "`include` takes names of files, not %s", node_form_text(word));
        return -EINVAL;
    }
    if (l->from_memory) {
        errors_add(l->errors, &word->place, "`include` works only in files");
        return -EINVAL;
    }
    const char *path = path_beside(l, word->place.file, word->text);
    struct node *included = NULL;
    int r = load_file(l, path, &word->place, chain, seen, &included);
    if (r < 0 || !included)
        return r;
    *map = merge_maps(l, *map, without(l, included, own), level);
    return 0;
}

/* Replaces the `include` of a map of sections by what it names. */
static int include_all(struct loader *l, const struct chain *chain, struct map *seen, enum level level,
                       struct node **map)
{
    static const char *const include[] = {"include", NULL};
    const struct node *words = node_value(*map, "include");
    if (!words)
        return 0;
    *map = without(l, *map, include);
    if (node_is_map(words)) {
        errors_add(l->errors, &words->place, "`include` takes a list of files, not a map");
        return -EINVAL;
    }
    int r = 0;
    for (size_t i = 0; i < node_count(words); i++) {
        int one = include_one(l, node_item(words, i), chain, seen, level, map);
        r = r < 0 ? r : one;
    }
    return r;
}

static int include_in_namespaces(struct loader *l, const struct chain *chain, struct node **root)
{
    const struct node *namespaces = node_value(*root, "namespaces");
    if (!namespaces || !node_is_map(namespaces))
        return 0;
    int r = 0;
    bool any = false;
    struct node *copy = node_new(l->arena, NODE_MAP, &namespaces->place);
    for (size_t i = 0; i < namespaces->n; i++) {
        struct node *value = namespaces->pairs[i].value;
        if (node_pair(value, "include")) {
            CLEANUP_MAP struct map seen = {0};
            any = true;
            int one = include_all(l, chain, &seen, LEVEL_NAMESPACE, &value);
            r = r < 0 ? r : one;
        }
        node_add_pair(l->arena, copy, namespaces->pairs[i].key, value);
    }
    for (size_t i = 0; any && i < (*root)->n; i++)
        if ((*root)->pairs[i].value == namespaces)
            (*root)->pairs[i].value = copy;
    return r;
}

static int refuse_recursion(struct loader *l, const struct chain *chain, const char *identity,
                            const char *path, const struct place *use)
{
    const struct chain *start = chain;
    while (start && strcmp(start->identity, identity) != 0)
        start = start->above;
    if (!start)
        return 0;
    const char *way = path;
    for (const struct chain *at = chain;; at = at->above) {
        way = arena_printf(l->arena, "%s -> %s", at->path, way);
        if (at == start)
            break;
    }
    struct error *error = errors_add(l->errors, use, "`%s` includes itself", path);
    error_hint(l->errors, error, "%s", way);
    return -EINVAL;
}

/* The tree of one file: parsed, a map, within the limits of all files together. */
static int parse_root(struct loader *l, const char *path, struct node **ret_root)
{
    struct node *root;
    const char *shown = strcmp(path, "-") == 0 ? "<stdin>" : path;
    int r = yaml_parse(shown, text_of(&l->source), l->source.length, l->arena, l->errors, &root);
    if (r < 0)
        return r;
    if (!node_is_map(root)) {
        struct error *error = errors_add(l->errors, &root->place,
                                         "a network file is a map of sections, not %s", node_form_text(root));
        error_hint(l->errors, error, "for example: `interfaces: {br0: {type: bridge}}`");
        return -EINVAL;
    }
    l->weight += root->weight;
    if (l->weight > NODE_WEIGHT_MAX) {
        errors_add(l->errors, &root->place, "the files together stand for more than %d values",
                   NODE_WEIGHT_MAX);
        return -EINVAL;
    }
    *ret_root = root;
    return 0;
}

static int load_file(struct loader *l, const char *path, const struct place *use, const struct chain *above,
                     struct map *seen, struct node **ret_root)
{
    if (l->n_files++ == LOAD_FILES_MAX) {
        errors_add(l->errors, use, "more than %d files", LOAD_FILES_MAX);
        return -EINVAL;
    }
    struct chain chain = {.above = above, .path = path, .identity = ""};
    int r = slurp(l, path, use, &chain.identity);
    if (r == 0)
        r = refuse_recursion(l, above, chain.identity, path, use);
    struct node *root = NULL;
    if (r == 0 && map_has(seen, chain.identity)) {
        *ret_root = node_new(l->arena, NODE_MAP, &(struct place){.file = path});
        return 0;
    }
    if (r == 0)
        r = parse_root(l, path, &root);
    if (r != 0)
        return r;

    map_set(seen, chain.identity, root);
    r = load_all_sets(l, root);
    int below = include_in_namespaces(l, &chain, &root);
    r = r < 0 ? r : below;
    int top = include_all(l, &chain, seen, LEVEL_TOP, &root);
    *ret_root = root;
    return r < 0 ? r : top;
}

/* Folders and several files */

static int is_yaml(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return entry->d_name[0] != '.' && length > 5 && strcmp(entry->d_name + length - 5, ".yaml") == 0;
}

static int merge_file(struct loader *l, const char *path, struct map *seen, struct node **root)
{
    struct node *more;
    int r = load_file(l, path, NULL, NULL, seen, &more);
    if (r < 0)
        return r;
    *root = *root ? merge_maps(l, *root, more, LEVEL_TOP) : more;
    return 0;
}

static int merge_folder(struct loader *l, const char *path, struct map *seen, struct node **root)
{
    struct dirent **entries;
    int n = scandir(path, &entries, is_yaml, alphasort), r = 0;
    if (n < 0)
        return complain_errno(l, path, NULL, errno);
    if (n == 0) {
        errors_add(l->errors, &(struct place){.file = path}, "no *.yaml file in this folder");
        r = -EINVAL;
    }
    l->in_folder = true;
    size_t length = strlen(path);
    const char *slash = length && path[length - 1] == '/' ? "" : "/";
    for (int i = 0; i < n; i++) {
        const char *file = arena_printf(l->arena, "%s%s%s", path, slash, entries[i]->d_name);
        int one = merge_file(l, file, seen, root);
        r = r < 0 ? r : one;
        free(entries[i]);
    }
    free(entries);
    l->in_folder = false;
    return r;
}

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static const char *name_of_path(struct arena *arena, const char *path)
{
    if (strcmp(path, "-") == 0)
        return NULL;
    char *whole = is_folder(path) ? realpath(path, NULL) : NULL;
    const char *slash = strrchr(whole ? whole : path, '/');
    char *name = arena_strdup(arena, slash ? slash + 1 : path);
    free(whole);
    size_t length = strlen(name);
    if (length > 5 && (strcmp(name + length - 5, ".yaml") == 0 || strcmp(name + length - 5, ".json") == 0))
        name[length - 5] = '\0';
    else if (length > 4 && strcmp(name + length - 4, ".yml") == 0)
        name[length - 4] = '\0';
    return name;
}

static int finish(struct loader *l, int r, struct node *root, const char *name, struct loaded *ret_loaded)
{
    if (r < 0 || !root) {
        text_done(&l->source);
        return r < 0 ? r : -EINVAL;
    }
    if (l->n_files > 1) {
        text_clear(&l->source);
        if (name && !node_pair(root, "name"))
            text_printf(&l->source, "name: \"%s\"\n", name);
        emit_yaml(root, &l->source);
    }
    *ret_loaded = (struct loaded){.root = root, .name = name, .source = l->source};
    return 0;
}

int load_paths(const char *const *paths, size_t n, struct arena *arena, struct errors *errors,
               struct loaded *ret_loaded)
{
    struct loader l = {.arena = arena, .errors = errors};
    CLEANUP_MAP struct map seen = {0};
    struct node *root = NULL;
    int r = 0;
    for (size_t i = 0; i < n; i++) {
        int one = is_folder(paths[i]) ? merge_folder(&l, paths[i], &seen, &root)
                                      : merge_file(&l, paths[i], &seen, &root);
        r = r < 0 ? r : one;
    }
    return finish(&l, r, root, n ? name_of_path(arena, paths[0]) : NULL, ret_loaded);
}

int load_text(const char *file, const char *data, size_t size, struct arena *arena, struct errors *errors,
              struct loaded *ret_loaded)
{
    struct loader l = {.arena = arena, .errors = errors, .from_memory = true};
    struct chain chain = {.path = file, .identity = ""};
    CLEANUP_MAP struct map seen = {0};
    struct node *root = NULL;
    if (size > LOAD_SIZE_MAX)
        return complain_size(&l, file, NULL);
    text_add_n(&l.source, data, size);
    int r = parse_root(&l, file, &root);
    if (r == 0)
        r = load_all_sets(&l, root);
    if (r == 0)
        r = include_in_namespaces(&l, &chain, &root);
    if (r == 0)
        r = include_all(&l, &chain, &seen, LEVEL_TOP, &root);
    return finish(&l, r, root, name_of_path(arena, file), ret_loaded);
}
