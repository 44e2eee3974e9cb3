/* Whether statements let a packet pass: comparisons, look-ups and rates. */
#include <string.h>

#include "model/nft/answer.h"
#include "model/nft/expression.h"

/* Sets */

/* Whether the fields that are known lie in the element, and whether these are all. */
static enum nft_truth holds(const struct nft_key *key, const struct nft_answer *answer,
                            const struct nft_element *element)
{
    enum nft_truth truth = NFT_YES;
    if (key->n != answer->key.n)
        return NFT_MAYBE;
    for (unsigned i = 0; i < key->n; i++) {
        unsigned at = key->offset[i], size = key->field[i]->size;
        if (answer->unknown & 1U << i || size != answer->key.field[i]->size)
            truth = NFT_MAYBE;
        else if (memcmp(answer->first + at, element->first + at, size) < 0 ||
                 memcmp(answer->first + at, element->last + at, size) > 0)
            return NFT_NO;
    }
    return truth;
}

static enum nft_truth tell(struct nft_lookup *lookup, enum nft_truth truth, const struct nft_element *element,
                           const struct nft_key *data)
{
    if (truth != NFT_NO && lookup->found)
        lookup->found(lookup, truth, element, data);
    return truth;
}

static enum nft_truth named_lookup(const struct nft_run *run, struct nft_lookup *lookup, const char *name)
{
    const struct nft_set *set = nft_ruleset_set(run->walk->ruleset, run->chain, name);
    enum nft_truth best = NFT_NO;
    lookup->unknown = !set || !set->known || set->is_map != (lookup->data != NULL);
    if (lookup->unknown)
        return NFT_MAYBE;
    for (size_t i = 0; i < set->n_elements && best != NFT_YES; i++) {
        enum nft_truth truth = holds(&set->key, lookup->key, &set->elements[i]);
        if (tell(lookup, truth, &set->elements[i], &set->data) != NFT_NO)
            best = truth;
    }
    return best;
}

static enum nft_truth anonymous_lookup(struct nft_lookup *lookup, const json_t *elements)
{
    enum nft_truth best = NFT_NO;
    size_t i;
    json_t *elem;
    json_array_foreach(elements, i, elem)
    {
        struct nft_element element;
        bool readable =
            lookup->key->key.n && nft_element_read(&lookup->key->key, lookup->data, elem, &element) == 0;
        enum nft_truth truth = readable ? holds(&lookup->key->key, lookup->key, &element) : NFT_MAYBE;
        lookup->unknown |= !readable;
        if (readable)
            tell(lookup, truth, &element, lookup->data);
        if (truth == NFT_YES)
            return truth;
        best = truth == NFT_MAYBE ? truth : best;
    }
    return best;
}

enum nft_truth nft_lookup(const struct nft_run *run, struct nft_lookup *lookup)
{
    const char *name = json_string_value(lookup->set);
    const json_t *elements = json_object_get(lookup->set, "set");
    lookup->unknown = false;
    if (name && *name == '@')
        return named_lookup(run, lookup, name + 1);
    if (json_is_array(elements))
        return anonymous_lookup(lookup, elements);
    lookup->unknown = true;
    return NFT_MAYBE;
}

/* Comparisons */

static enum nft_truth not(enum nft_truth truth) {
    return truth == NFT_MAYBE ? truth
           : truth == NFT_YES ? NFT_NO
                              : NFT_YES;
}

static enum nft_truth truth_of(bool is)
{
    return is ? NFT_YES : NFT_NO;
}

/* One of the bits is set. */
static enum nft_truth has_bits(const struct nft_answer *left, const struct nft_answer *right)
{
    const struct nft_type *type = left->key.field[0];
    for (unsigned i = 0; i < type->size; i++)
        if (left->first[i] & right->first[i])
            return NFT_YES;
    return NFT_NO;
}

static enum nft_truth compare(const char *op, const struct nft_answer *left, const struct nft_answer *right)
{
    const struct nft_element range = {0};
    struct nft_element element = range;
    memcpy(element.first, right->first, NFT_VALUE_SIZE);
    memcpy(element.last, right->last, NFT_VALUE_SIZE);
    unsigned size = left->key.n == 1 ? left->key.field[0]->size : left->key.size;
    int low = memcmp(left->first, right->first, size), high = memcmp(left->first, right->last, size);
    bool order = left->key.n == 1;
    if (strcmp(op, "==") == 0)
        return holds(&left->key, left, &element);
    if (strcmp(op, "!=") == 0)
        return not(holds(&left->key, left, &element));
    if (strcmp(op, "in") == 0 && order && left->key.field[0]->bits)
        return has_bits(left, right);
    if (strcmp(op, "<") == 0 && order)
        return truth_of(low < 0);
    if (strcmp(op, ">") == 0 && order)
        return truth_of(high > 0);
    if (strcmp(op, "<=") == 0 && order)
        return truth_of(high <= 0);
    if (strcmp(op, ">=") == 0 && order)
        return truth_of(low >= 0);
    return NFT_MAYBE;
}

static bool is_set(const json_t *right)
{
    const char *name = json_string_value(right);
    return (name && *name == '@') || json_object_get(right, "set");
}

static enum nft_truth match_condition(const struct nft_run *run, const json_t *match)
{
    const json_t *right = json_object_get(match, "right");
    const char *op = json_string_value(json_object_get(match, "op"));
    struct nft_answer left = nft_answer(run, json_object_get(match, "left"), NULL);
    if (left.absent || !op)
        return left.absent ? NFT_NO : NFT_MAYBE;
    if (is_set(right)) {
        enum nft_truth truth = nft_lookup(run, &(struct nft_lookup){.key = &left, .set = right});
        return strcmp(op, "!=") == 0 ? not(truth) : truth;
    }
    if (left.unknown)
        return NFT_MAYBE;
    struct nft_answer with = nft_answer(run, right, &left.key);
    if (with.absent || with.unknown)
        return with.absent ? NFT_NO : NFT_MAYBE;
    return compare(op, &left, &with);
}

/* Rates */

static enum nft_truth rate_condition(const struct nft_run *run, const json_t *rate)
{
    if (json_is_string(rate)) /* an object of its own, which says by itself whether it is for what is over */
        return NFT_MAYBE;
    return truth_of(json_is_true(json_object_get(rate, "inv")) == run->walk->exceeded);
}

/* An element is put into a set if what it has passes. */
static enum nft_truth set_condition(const struct nft_run *run, const json_t *set)
{
    struct nft_answer key = nft_answer(run, json_object_get(set, "elem"), NULL);
    enum nft_truth truth = key.absent ? NFT_NO : NFT_YES;
    size_t i;
    json_t *statement;
    json_array_foreach(json_object_get(set, "stmt"), i, statement)
    {
        enum nft_truth passes = nft_condition(run, statement);
        truth = passes == NFT_NO || truth == NFT_NO ? NFT_NO : passes == NFT_MAYBE ? passes : truth;
    }
    return truth;
}

static enum nft_truth meter_condition(const struct nft_run *run, const json_t *meter)
{
    struct nft_answer key = nft_answer(run, json_object_get(meter, "key"), NULL);
    return key.absent ? NFT_NO : nft_condition(run, json_object_get(meter, "stmt"));
}

static const struct {
    const char *statement;
    enum nft_truth (*judge)(const struct nft_run *run, const json_t *value);
} conditions[] = {
    {"match", match_condition},   {"limit", rate_condition}, {"quota", rate_condition},
    {"ct count", rate_condition}, {"set", set_condition},    {"meter", meter_condition},
};

enum nft_truth nft_condition(const struct nft_run *run, const json_t *statement)
{
    const char *key = "";
    const json_t *value = nft_only(statement, &key);
    for (size_t i = 0; value && i < sizeof conditions / sizeof *conditions; i++)
        if (strcmp(conditions[i].statement, key) == 0)
            return conditions[i].judge(run, value);
    return NFT_YES;
}
