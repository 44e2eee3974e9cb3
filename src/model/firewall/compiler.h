/* What the parts of the compiler share (compile.c, atoms.c, runs.c, nat.c, guard.c). */
#pragma once
#include <jansson.h>

#include "model/firewall/compile.h"

/* A chain or set that is being made; they are added to the model at the end, in order. */
struct fw_lines {
    const char *name;
    struct text text; /* a line a rule */
    unsigned n;
    const struct fw_rule *rule; /* whose limit it keeps */
    struct fw_lines *next;
};

struct fw_compiler {
    const struct firewall *fw;
    struct model *model;
    struct arena *arena;
    const char *family, *table;
    struct fw_compile_options options;
    struct fw_lines chains[FW_CHAINS], prerouting, output_nat, postrouting;
    struct fw_lines *regular, **last_regular;
    unsigned n_runs;
};

/* compile.c */

/* `firewall` says in which namespace and from where; family: "inet", "bridge". */
void fw_compiler_init(struct fw_compiler *c, const struct firewall *firewall, const char *family,
                      const char *topology, struct model *model);
void fw_table_add(struct fw_compiler *c);
/* `type` NULL: one that is jumped to. */
void fw_chain_add(struct fw_compiler *c, const struct fw_lines *chain, const char *type, const char *hook,
                  int priority, const char *policy);

/* Appends a rule; takes the reference of `expr`. `origin` may be NULL. */
void fw_put(struct fw_compiler *c, struct fw_lines *chain, json_t *expr, const char *comment,
            const struct fw_origin *origin);
const char *fw_unquoted(struct fw_compiler *c, const char *text);
struct fw_lines *fw_regular_chain(struct fw_compiler *c, const char *name);
/* A new set in the model, without elements. */
struct object *fw_set_new(struct fw_compiler *c, const char *name, const char *key);
/* The name of a set of the user's. One with networks in it has another: Linux cannot make one of the other,
 * and so it is whole before rules name it. */
const char *fw_user_set_name(struct fw_compiler *c, const struct fw_set *set, unsigned family);
void fw_set_add(struct fw_compiler *c, struct object *set);
const char *fw_set_name(struct fw_compiler *c, const char *name, unsigned family);
/* A name of letters, digits and dashes made of words; unique among regular chains. */
const char *fw_chain_name(struct fw_compiler *c, const char *words);

/* Pieces of rules, each a new reference. */
json_t *fw_meta(const char *key);
json_t *fw_payload(const char *protocol, const char *field);
json_t *fw_field(unsigned family, const char *field); /* of IPv4 or IPv6 */
json_t *fw_is(json_t *left, json_t *right);
json_t *fw_is_not(json_t *left, json_t *right);
json_t *fw_has(const char *ct, const char *word); /* ct status dnat */
json_t *fw_counter(void);
json_t *fw_verdict_json(enum fw_verdict verdict);
/* As nft has it in a rule whose conditions are of one family; 0: of both. */
json_t *fw_reject_json(unsigned family);
json_t *fw_range_json(const struct range *range);

/* atoms.c: a rule as several, each of which the kernel can say as one. */

/* Ports or kinds of ICMP of one protocol. */
struct fw_group {
    uint8_t protocol;
    unsigned family; /* 4 or 6 where the protocol is of one; 0: both */
    struct fw_ports {
        uint16_t first, last;
    } * ports;
    unsigned n_ports; /* 0: any */
    const char **kinds;
    unsigned n_kinds; /* 0: any */
};

/* Addresses of one family, or a set that holds them. */
struct fw_part {
    const struct ranges *ranges; /* NULL: any, or a set */
    const char *set;
};

struct fw_atom {
    const struct fw_rule *rule; /* NULL: of address translation */
    unsigned family;            /* 4, 6, or 0: both */
    const struct fw_zone *in, *out;
    struct fw_part source, destination;
    const struct fw_group *group; /* NULL: everything */
};

struct fw_atoms {
    struct fw_atom *list;
    size_t n, capacity; /* malloc'ed */
};

void fw_atoms_of(struct fw_compiler *c, const struct fw_matches *matches, const struct fw_side *from,
                 const struct fw_side *to, const struct fw_rule *rule, struct fw_atoms *out);
void fw_atom_add(struct fw_atoms *atoms, const struct fw_atom *atom);
void fw_atoms_done(struct fw_atoms *atoms);
const char *fw_protocol_word(uint8_t protocol); /* of nft: "ipv6-icmp" */
/* Its conditions as an array of matches. */
json_t *fw_atom_json(const struct fw_atom *atom);
/* The verdict of its rule. */
json_t *fw_atom_verdict(const struct fw_atom *atom);
/* Conditions about interfaces only: appended. */
void fw_add_interfaces(json_t *expr, const struct fw_zone *in, const struct fw_zone *out);

/* runs.c */
void fw_put_rules(struct fw_compiler *c, struct fw_lines *chain, const struct fw_atoms *atoms);
/* rules.c: one rule with its verdict, limits and log. */
void fw_put_atom(struct fw_compiler *c, struct fw_lines *chain, const struct fw_atom *atom);

/* nat.c */
void fw_compile_nat(struct fw_compiler *c);
/* What was translated on its way in, and is expected therefore: in forward and input. */
void fw_put_translated(struct fw_compiler *c, enum fw_chain chain);
