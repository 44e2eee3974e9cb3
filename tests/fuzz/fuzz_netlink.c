/* Bytes as the kernel's answers to all that the Linux door asks. First as a dump of interfaces, which gives
 * the indices a meaning, then the answer to every decoder; each takes what is of its type. What is decoded
 * goes into a model, whose values must be well-formed. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/linux/linux.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct linux_class *const decoders[] = {&linux_address, &linux_route, &linux_rule,
                                                     &linux_neighbour, &linux_fdb};
enum { N_DECODERS = sizeof decoders / sizeof decoders[0] };

static void init(void)
{
    static bool done;
    if (done)
        return;
    done = true;
    linux_interface.init();
    for (size_t i = 0; i < N_DECODERS; i++)
        decoders[i]->init();
}

static void decode(struct view *view, const void *data, size_t size)
{
    interface_decode(view, data, size);
    for (size_t i = 0; i < N_DECODERS; i++)
        class_read(view, decoders[i], data, size);
    for (const struct nlmsghdr *m = NULL; (m = dump_next(data, size, m));) {
        bridge_vlans_read(view, m);
        for (size_t i = 0; i < view->links.n; i++)
            if (view->links.list[i].object && view->links.list[i].object->kind == kind_by_name("wireguard"))
                wireguard_decode(view, view->links.list[i].object, m);
    }
}

/* Touches every value, so that a sanitizer sees one that is not what it says. */
static void look(const struct model *model)
{
    struct text all CLEANUP_TEXT = {0};
    model_each(model, object)
    {
        text_add(&all, object->id);
        for (unsigned i = 0; i < object_n_options(object); i++)
            option_format(object_option(object, i), &object->values[i], &all);
        text_clear(&all);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct linux_door door = {0};
    struct model model CLEANUP_MODEL = {0};
    struct view view = {.door = &door, .model = &model, .name = HOST};
    if (size > 64 * 1024)
        return 0;
    init();
    void *aligned = malloc(size ? size : 1);
    if (!aligned)
        abort();
    memcpy(aligned, data, size);
    decode(&view, aligned, size);
    look(&model);
    links_done(&view.links);
    free(view.far_ends);
    free(aligned);
    return 0;
}
