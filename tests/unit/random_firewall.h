/* Random firewalls: chains that jump, sets that they ask, maps that lead to chains, in any combination. */
#pragma once
#include "random_devices.h"

enum { FIREWALL_NAMES = 3, FIREWALL_RULES = 4 };

/* What is there in the table that is being made. */
struct firewall {
    struct random *r;
    const char *ns;
    int space;
    bool set[FIREWALL_NAMES], chain[FIREWALL_NAMES], map;
};

static inline void firewall_slot(const struct firewall *f, int index)
{
    slot(f->r, SLOT_FIREWALL, f->space * 50 + index);
}

static inline struct object *firewall_new(const struct firewall *f, const char *class, const char *name)
{
    char line[100];
    snprintf(line, sizeof line, "%s %s family=inet table=plexus-test name=%s", class, f->ns, name);
    return say_new(f->r->model, line);
}

static inline void make_set(struct firewall *f, int i)
{
    char name[8], elements[100];
    firewall_slot(f, 1 + i);
    if (!chance(f->r, 60))
        return;
    snprintf(name, sizeof name, "s%d", i);
    struct object *set = firewall_new(f, "set", name);
    object_set_text(f->r->model, set, "key", "ipv4_addr");
    object_set_number(f->r->model, set, "interval", chance(f->r, 80));
    snprintf(elements, sizeof elements, "10.0.0.%d\n10.0.1.%d", pick(f->r, 3), pick(f->r, 3));
    if (chance(f->r, 80))
        object_set_text(f->r->model, set, "elements", elements);
    model_add(f->r->model, set, NULL);
    f->set[i] = true;
}

/* Appends a rule, which may name what there is: chains below `top`. */
static inline void add_random_rule(struct firewall *f, int top, struct text *rules)
{
    int kind = pick(f->r, 4), number = pick(f->r, FIREWALL_NAMES);
    const char *before = rules->length ? "\n" : "";
    if (kind == 0 && f->set[number])
        text_printf(rules, "%s{\"expr\":[{\"match\":{\"right\":\"@s%d\"}}]}", before, number);
    else if (kind == 1 && number < top && f->chain[number])
        text_printf(rules, "%s{\"expr\":[{\"jump\":{\"target\":\"c%d\"}}]}", before, number);
    else if (kind == 2 && top == FIREWALL_NAMES && f->map)
        text_printf(rules, "%s{\"expr\":[{\"vmap\":{\"data\":\"@m\"}}]}", before);
    else
        text_printf(rules, "%s{\"comment\":\"%d\",\"expr\":[{\"accept\":null}]}", before, number);
}

static inline void put_rules(struct firewall *f, struct object *chain, int index, int top)
{
    struct text rules CLEANUP_TEXT = {0};
    for (int i = 0; i < FIREWALL_RULES; i++) {
        firewall_slot(f, 20 + index * FIREWALL_RULES + i);
        if (chance(f->r, 60))
            add_random_rule(f, top, &rules);
    }
    object_set_text(f->r->model, chain, "rules", text_of(&rules));
    model_add(f->r->model, chain, NULL);
}

static inline void put_hook(struct firewall *f, struct object *chain)
{
    object_set_number(f->r->model, chain, "type", 0);
    object_set_number(f->r->model, chain, "hook", 1 + pick(f->r, 2));
    object_set_number(f->r->model, chain, "priority", chance(f->r, 80) ? -5 : 5);
    object_set_number(f->r->model, chain, "policy", pick(f->r, 2));
}

/* One with a hook is jumped to by none. */
static inline void make_chain(struct firewall *f, int i)
{
    char name[8];
    firewall_slot(f, 10 + i);
    if (!chance(f->r, 60))
        return;
    snprintf(name, sizeof name, "c%d", i);
    struct object *chain = firewall_new(f, "chain", name);
    bool hooked = chance(f->r, 20);
    if (hooked)
        put_hook(f, chain);
    put_rules(f, chain, i, i);
    f->chain[i] = !hooked;
}

static inline void make_map(struct firewall *f)
{
    struct text elements CLEANUP_TEXT = {0};
    firewall_slot(f, 5);
    if (!chance(f->r, 60))
        return;
    struct object *map = firewall_new(f, "set", "m");
    object_set_text(f->r->model, map, "key", chance(f->r, 80) ? "mark" : "inet_service");
    object_set_text(f->r->model, map, "data", "verdict");
    for (int i = 0; i < FIREWALL_NAMES; i++) {
        firewall_slot(f, 6 + i);
        const char *before = elements.length ? "\n" : "";
        if (chance(f->r, 40))
            continue;
        if (f->chain[i])
            text_printf(&elements, "%s%d : goto c%d", before, i, i);
        else
            text_printf(&elements, "%s%d : accept", before, i);
    }
    object_set_text(f->r->model, map, "elements", text_of(&elements));
    model_add(f->r->model, map, NULL);
    f->map = true;
}

static inline void make_firewalls(struct random *r)
{
    for (int space = 0; space < r->n_spaces; space++) {
        struct firewall f = {.r = r, .ns = r->spaces[space], .space = space};
        firewall_slot(&f, 0);
        if (!chance(r, 40))
            continue;
        sayf(r->model, "table %s family=inet name=plexus-test", f.ns);
        for (int i = 0; i < FIREWALL_NAMES; i++)
            make_set(&f, i);
        for (int i = 0; i < FIREWALL_NAMES; i++)
            make_chain(&f, i);
        make_map(&f);
        firewall_slot(&f, 15);
        struct object *input = firewall_new(&f, "chain", "input");
        put_hook(&f, input);
        put_rules(&f, input, FIREWALL_NAMES, FIREWALL_NAMES);
    }
}
