/* Tables, sets and chains of the fake kernel.
 *
 * As tried on Linux: what rules and elements name must be there, and cannot be deleted while it is named; a
 * chain with a hook cannot be jumped to, and jumps lead in no circle; a table takes all in it along. */
#include <errno.h>
#include <string.h>

#include "kernel/fake/internal.h"

static bool is_same_table(const struct object *a, const struct object *b)
{
    const char *table_a = object_text(a, a->class->id == CLASS_TABLE ? "name" : "table");
    const char *table_b = object_text(b, b->class->id == CLASS_TABLE ? "name" : "table");
    return strcmp(table_a, table_b) == 0 && object_number(a, "family", 0) == object_number(b, "family", 0);
}

static bool is_of_table(const struct object *object)
{
    return object->class->id == CLASS_SET || object->class->id == CLASS_CHAIN;
}

/* Another set or chain of the same table. */
static struct object *find(const struct fake *fake, const struct object *beside, enum class_id class,
                           const char *name, size_t length)
{
    fake_each(fake, beside->ns, o)
    {
        const char *own = o->class->id == class ? object_text(o, "name") : NULL;
        if (own && strlen(own) == length && memcmp(own, name, length) == 0 && is_same_table(o, beside))
            return o;
    }
    return NULL;
}

/* How names stand in rules and elements. */
static const struct {
    enum class_id of, names;
    const char *before, *ends;
} spellings[] = {
    {CLASS_CHAIN, CLASS_SET, "\"right\":\"@", "\""},    {CLASS_CHAIN, CLASS_SET, "\"data\":\"@", "\""},
    {CLASS_CHAIN, CLASS_CHAIN, "{\"target\":\"", "\""}, {CLASS_SET, CLASS_CHAIN, " : jump ", "\n"},
    {CLASS_SET, CLASS_CHAIN, " : goto ", "\n"},
};
enum { N_SPELLINGS = sizeof spellings / sizeof spellings[0] };

static const char *body_of(const struct object *object)
{
    const char *body = object_text(object, object->class->id == CLASS_CHAIN ? "rules" : "elements");
    return body ? body : "";
}

/* 0: all that it names is there. */
static int check_names(struct fake *fake, const struct object *object)
{
    for (unsigned i = 0; i < N_SPELLINGS; i++) {
        const char *at = spellings[i].of == object->class->id ? body_of(object) : "";
        while ((at = strstr(at, spellings[i].before))) {
            at += strlen(spellings[i].before);
            size_t length = strcspn(at, spellings[i].ends);
            const struct object *named = find(fake, object, spellings[i].names, at, length);
            if (!named)
                return fake_refuse(fake, ENOENT, "there is no %s %.*s", classes[spellings[i].names]->name,
                                   (int)length, at);
            if (named->class->id == CLASS_CHAIN && object_has(named, "hook"))
                return fake_refuse(fake, EOPNOTSUPP, "%s has a hook", named->name);
        }
    }
    return 0;
}

static bool is_named_by(const struct object *user, const struct object *named)
{
    const char *name = object_text(named, "name");
    for (unsigned i = 0; i < N_SPELLINGS; i++) {
        const char *at =
            spellings[i].of == user->class->id && spellings[i].names == named->class->id ? body_of(user) : "";
        while ((at = strstr(at, spellings[i].before))) {
            at += strlen(spellings[i].before);
            if (strcspn(at, spellings[i].ends) == strlen(name) && strncmp(at, name, strlen(name)) == 0)
                return true;
        }
    }
    return false;
}

/* Whether a way of jumps leads from one to the other. */
static bool leads_to(const struct fake *fake, const struct object *from, const struct object *to, int depth)
{
    if (depth > 16 || is_named_by(from, to))
        return true;
    fake_each(fake, from->ns, o)
    {
        bool is_next = is_of_table(o) && o != from && is_same_table(o, from) && is_named_by(from, o);
        if (is_next && leads_to(fake, o, to, depth + 1))
            return true;
    }
    return false;
}

static int check_body(struct fake *fake, const struct object *object)
{
    int r = check_names(fake, object);
    if (r < 0)
        return r;
    return leads_to(fake, object, object, 0) ? fake_refuse(fake, ELOOP, "it leads to itself") : 0;
}

int fake_firewall_add(struct fake *fake, const struct step *step)
{
    const struct object *want = step->new;
    bool has_table = false;
    fake_each(fake, want->ns, o) has_table |= o->class->id == CLASS_TABLE && is_same_table(o, want);
    if (!has_table)
        return fake_refuse(fake, ENOENT, "there is no table %s", object_text(want, "table"));
    int r = check_body(fake, want);
    if (r == 0)
        fake_put(fake, want);
    return r;
}

int fake_firewall_set(struct fake *fake, const struct step *step, struct object *now)
{
    int r = fake_check_changes(fake, step);
    if (r == 0)
        r = check_body(fake, step->new);
    if (r == 0)
        fake_change(fake, now, step);
    return r;
}

int fake_firewall_del(struct fake *fake, struct object *now)
{
    fake_each(fake, now->ns, o)
    {
        if (is_of_table(o) && o != now && is_same_table(o, now) && is_named_by(o, now))
            return fake_refuse(fake, EBUSY, "%s names it", o->id);
    }
    model_remove(&fake->now, now);
    return 0;
}

int fake_table_del(struct fake *fake, struct object *now)
{
    fake_each(fake, now->ns, o)
    {
        if (is_of_table(o) && is_same_table(o, now))
            model_remove(&fake->now, o);
    }
    model_remove(&fake->now, now);
    return 0;
}
