#include "file/firewall.h"

#include <string.h>

static void read_verdict(struct fw_reader *f, const struct pair *pair)
{
    struct option option = {.key = pair->key->text, .type = TYPE_ENUM, .names = fw_verdict_names};
    struct value value;
    if (!value_read(f->r, &option, pair->value, &value))
        return;
    for (unsigned chain = 0; chain < FW_CHAINS; chain++)
        if (strcmp(fw_chain_names[chain], pair->key->text) == 0)
            f->fw->defaults[chain] = (enum fw_verdict)value.number;
}

static void read_log(struct fw_reader *f, const struct pair *pair)
{
    static const struct name names[] = {{"dropped", 1}, {"nothing", 0}, {NULL, 0}};
    static const struct option option = {.key = "log", .type = TYPE_ENUM, .names = names};
    struct value value;
    if (value_read(f->r, &option, pair->value, &value))
        f->fw->log_dropped = value.number;
}

const struct firewall_key firewall_keys[] = {
    {"zones", FIREWALL_LISTS, "{wan: [eno1], office: [192.168.1.0/24]}",
     "Zones by name: interfaces of this namespace, and networks. A packet is of a zone if its interface or "
     "its "
     "address is.",
     read_zones},
    {"services", FIREWALL_LISTS, "{app: tcp/8000-8010}",
     "Services of your own, besides those below: `tcp/80`, `udp/5000-5010`, or the names of others.",
     read_services},
    {"sets", FIREWALL_SETS, "{blocked: {file: blocked.txt}, admins: [10.0.0.5, 10.1.0.0/16]}",
     "Sets of addresses, networks and ranges, which rules name as `@NAME`. A file has one a line; what "
     "follows "
     "a # is a remark; its path is relative to this file.",
     read_sets},
    {"input", FIREWALL_VERDICT, "drop", "What becomes of packets to this namespace that no rule decides.",
     read_verdict},
    {"forward", FIREWALL_VERDICT, "drop", "What becomes of packets through it that no rule decides.",
     read_verdict},
    {"output", FIREWALL_VERDICT, "accept", "What becomes of packets from it that no rule decides.",
     read_verdict},
    {"log", FIREWALL_LOG, "dropped",
     "`dropped`: what the three refuse is logged, at most ten times a second.", read_log},
    {"rules", FIREWALL_RULES, "[allow ssh from wan]", "Rules. The first that matches decides.",
     read_fw_rules},
    {"policies", FIREWALL_POLICIES, "[guests to wan: allow]",
     "What holds between zones where no rule decides: `allow`, `deny` or `reject`.", read_fw_policies},
    {"nat", FIREWALL_PHRASES, "[masquerade from guests to wan]", "Translation of addresses.", read_fw_nat},
    {"publish", FIREWALL_PHRASES, "[\"8080:10.0.0.5:80\"]",
     "Ports of this namespace that lead to a guest: `[ADDRESS:]PORT:GUEST:PORT[/udp] [from ZONE]`. The guest "
     "is "
     "reached from where it is published, unless a rule denies it.",
     read_fw_publish},
    {0},
};

static void refuse_unknown(struct fw_reader *f, const struct node *section)
{
    struct known_keys known = {0};
    for (const struct firewall_key *row = firewall_keys; row->key; row++)
        known_add(&known, row->key);
    for (size_t i = 0; i < section->n; i++) {
        const struct firewall_key *row = firewall_keys;
        while (row->key && strcmp(row->key, section->pairs[i].key->text) != 0)
            row++;
        if (!row->key)
            refuse_key(f->r, section->pairs[i].key, "in `firewall`", &known);
    }
}

struct firewall *firewall_new(struct reader *r, struct scope *scope, const struct place *place)
{
    struct firewall *firewall = arena_alloc(r->arena, sizeof *firewall);
    *firewall = (struct firewall){.ns = scope->ns, .place = *place};
    for (unsigned chain = 0; chain < FW_CHAINS; chain++)
        firewall->defaults[chain] = FW_UNSAID;
    networks_zones(&(struct fw_reader){.r = r, .scope = scope, .fw = firewall});
    *r->last_firewall = firewall;
    r->last_firewall = &firewall->next;
    return firewall;
}

void read_firewall(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair)
{
    (void)entry;
    if (node_is_null(pair->value) ||
        !want_form(r, pair->value, NODE_MAP, "firewall", "firewall: {input: drop, rules: [allow ssh]}"))
        return;
    struct firewall *firewall = firewall_new(r, scope, &pair->key->place);
    struct fw_reader f = {.r = r, .scope = scope, .fw = firewall};
    size_t before = r->errors->n_errors;
    for (const struct firewall_key *row = firewall_keys; row->key; row++) {
        const struct pair *found = node_pair(pair->value, row->key);
        if (found && !node_is_null(found->value))
            row->read(&f, found);
    }
    refuse_unknown(&f, pair->value);
    firewall->is_said = true;
    firewall->is_broken = r->errors->n_errors > before;
}
