#include "model/classes.h"

#include <string.h>

const struct class *const classes[CLASS_MAX] = {
    [CLASS_NAMESPACE] = &class_namespace,
    [CLASS_INTERFACE] = &class_interface,
    [CLASS_ADDRESS] = &class_address,
    [CLASS_ROUTE] = &class_route,
    [CLASS_RULE] = &class_rule,
    [CLASS_NEIGHBOUR] = &class_neighbour,
    [CLASS_FDB] = &class_fdb,
    [CLASS_WGPEER] = &class_wgpeer,
    [CLASS_SYSCTL] = &class_sysctl,
    [CLASS_RESOLVER] = &class_resolver,
    [CLASS_TABLE] = &class_table,
    [CLASS_SET] = &class_set,
    [CLASS_CHAIN] = &class_chain,
    [CLASS_SERVICE] = &class_service,
};

const struct class *class_by_name(const char *name)
{
    for (unsigned i = 0; i < CLASS_MAX; i++)
        if (strcmp(classes[i]->name, name) == 0)
            return classes[i];
    return NULL;
}
