/* VLANs of a bridge port, as files say them: `vlan: 10` for an access port; `trunk: [20, 30-39]` and `native:
 * 5` for a trunk. The model keeps all as one text (model/vlans.h). They belong to the end that is the port;
 * on a bridge itself they are its own membership. */
#include <stdlib.h>
#include <string.h>

#include "file/reader.h"
#include "model/vlans.h"

static bool read_id(const char **at, unsigned *ret_id)
{
    char *end;
    unsigned long id = strtoul(*at, &end, 10);
    if (**at < '0' || **at > '9' || id < 1 || id > VLAN_MAX)
        return false;
    *ret_id = (unsigned)id;
    *at = end;
    return true;
}

static void add_vlans(struct reader *r, const struct pair *pair, const struct node *word, bool ranges,
                      unsigned flags, struct vlans *vlans)
{
    unsigned first = 0, last;
    if (!ranges && node_is_list(word)) {
        struct error *error =
            errors_add(r->errors, &word->place, "`%s` takes one VLAN, not a list", pair->key->text);
        error_hint(r->errors, error, "several are tagged: `trunk: [10, 20]`");
        return;
    }
    if (!want_word(r, word, pair->key->text))
        return;
    const char *at = word->text;
    bool good = read_id(&at, &first);
    last = first;
    if (good && ranges && *at == '-') {
        at++;
        good = read_id(&at, &last) && last >= first;
    }
    if (!good || *at) {
        struct error *error = errors_add(
            r->errors, &word->place, "`%s` cannot be `%s`: expected %s from 1 to %d", pair->key->text,
            word->text, ranges ? "a number or a range (20-30)" : "a number", VLAN_MAX);
        if (ranges && strpbrk(word->text, ", "))
            error_hint(r->errors, error, "several are a list: `trunk: [10, 20-30]`");
        return;
    }
    for (unsigned id = first; id <= last; id++)
        vlans->flags[id] |= (uint8_t)flags;
}

static void add_pair(struct reader *r, const struct pair *pair, struct vlans *vlans)
{
    bool trunk = strcmp(pair->key->text, "trunk") == 0;
    if (!trunk) {
        add_vlans(r, pair, pair->value, false, VLAN_MEMBER | VLAN_PVID | VLAN_UNTAGGED, vlans);
        return;
    }
    if (node_is_map(pair->value)) {
        struct error *error =
            errors_add(r->errors, &pair->value->place, "`trunk` takes a list of VLANs, not a map");
        error_hint(r->errors, error, "for example: `trunk: [10, 20-30]`");
        return;
    }
    for (size_t i = 0; i < node_count(pair->value); i++)
        add_vlans(r, pair, node_item(pair->value, i), true, VLAN_MEMBER, vlans);
}

/* All three keys come here; the first that stands in the file reads them all. */
void read_vlans(struct reader *r, struct scope *scope, struct entry *entry, const struct pair *pair)
{
    static const char *const names[] = {"vlan", "trunk", "native"};
    const struct pair *said[3];
    struct vlans vlans = {0};
    (void)scope;
    for (unsigned i = 0; i < 3; i++) {
        said[i] = node_pair(entry->keys, names[i]);
        if (said[i] && said[i] < pair)
            return;
        if (said[i])
            add_pair(r, said[i], &vlans);
    }
    if (said[0] && (said[1] || said[2])) {
        struct error *error = errors_add(r->errors, &said[0]->key->place,
                                         "`vlan` and `%s` exclude each other", said[1] ? "trunk" : "native");
        error_hint(r->errors, error,
                   "`vlan` is for an access port; the untagged VLAN of a trunk is its `native`");
        return;
    }
    struct object *port = entry->port->object;
    struct text written CLEANUP_TEXT = {0};
    vlans_write(&vlans, &written);
    if (port && object_has(port, "vlans"))
        refuse_twice(r, &pair->key->place, &entry->port->place, "the VLANs of `%s` are given at both ends",
                     entry->port->ref);
    else if (port && written.length)
        object_set_text(r->model, port, "vlans", text_of(&written));
}
