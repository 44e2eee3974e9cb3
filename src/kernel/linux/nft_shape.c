#include "kernel/linux/nft_shape.h"

#include <endian.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <string.h>

static const struct {
    enum nft_verdict verdict;
    int code;
} codes[] = {
    {NFT_ACCEPT, NF_ACCEPT},     {NFT_DROP, NF_DROP},     {NFT_CONTINUE, KERNEL_CONTINUE},
    {NFT_RETURN, KERNEL_RETURN}, {NFT_JUMP, KERNEL_JUMP}, {NFT_GOTO, KERNEL_GOTO},
};
enum { N_CODES = sizeof codes / sizeof codes[0] };

int verdict_code(enum nft_verdict verdict)
{
    for (size_t i = 0; i < N_CODES; i++)
        if (codes[i].verdict == verdict)
            return codes[i].code;
    return NF_DROP;
}

enum nft_verdict verdict_of_code(int code)
{
    for (size_t i = 0; i < N_CODES; i++)
        if (codes[i].code == code)
            return codes[i].verdict;
    return NFT_VERDICT_NONE;
}

/* Several fields are padded to registers; one is as long as it is. */
static unsigned size_of(const struct nft_key *key)
{
    return key->n == 1 ? key->field[0]->size : key->size;
}

int shape_of(const struct object *set, struct shape *ret_shape)
{
    struct shape shape = {.is_interval = object_number(set, "interval", 0)};
    const char *key = object_text(set, "key"), *data = object_text(set, "data");
    shape.is_map = data && *data;
    shape.is_verdict = shape.is_map && strcmp(data, "verdict") == 0;
    if (!key || nft_key_parse(key, &shape.key) < 0 || (shape.is_map && nft_key_parse(data, &shape.data) < 0))
        return -EOPNOTSUPP;
    shape.key_size = size_of(&shape.key);
    shape.data_size = size_of(&shape.data);
    *ret_shape = shape;
    return 0;
}

const struct nft_key *shape_data(const struct shape *shape)
{
    return shape->is_map ? &shape->data : NULL;
}

bool shape_has_ends(const struct shape *shape)
{
    return shape->is_interval && shape->key.n == 1;
}

void swap_fields(const struct nft_key *key, uint8_t *value)
{
    for (unsigned i = 0; i < key->n && __BYTE_ORDER == __LITTLE_ENDIAN; i++) {
        uint8_t *field = value + key->offset[i];
        for (unsigned size = key->field[i]->size, j = 0; key->field[i]->host_order && j < size / 2; j++) {
            uint8_t byte = field[j];
            field[j] = field[size - 1 - j];
            field[size - 1 - j] = byte;
        }
    }
}

bool step_up(uint8_t *value, unsigned size)
{
    for (unsigned i = size; i > 0; i--)
        if (++value[i - 1])
            return true;
    return false;
}

void step_down(uint8_t *value, unsigned size)
{
    for (unsigned i = size; i > 0; i--)
        if (value[i - 1]--)
            return;
}
