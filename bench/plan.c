/* Measures the planner alone: 10,000 objects that all have to be made, and the same 10,000 with nothing to
 * do. No kernel, no file. Prints the median of the first in milliseconds, then that of the second. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "plan/plan.h"

enum {
    NAMESPACES = 2000,
    RUNS = 11
}; /* each with two ends of a cable, an address and a route: five objects */

static struct object *add(struct model *model, enum class_id class, const struct kind *kind, const char *ns)
{
    return model_new(model, classes[class], kind, ns);
}

static void add_end(struct model *model, const char *ns, const char *name, const char *peer,
                    const char *master)
{
    struct object *end = add(model, CLASS_INTERFACE, &kind_veth, ns);
    object_set_text(model, end, "name", name);
    object_set_text(model, end, "peer", peer);
    if (master)
        object_set_text(model, end, "master", master);
    object_set_number(model, end, "up", 1);
    model_add(model, end, NULL);
}

static void add_namespace(struct model *model, int i)
{
    char ns[16], near[16], far[40], near_ref[40], address[40];
    snprintf(ns, sizeof ns, "n%d", i);
    snprintf(near, sizeof near, "n%d-eth0", i);
    snprintf(far, sizeof far, "%s/eth0", ns);
    snprintf(near_ref, sizeof near_ref, "host/%s", near);
    snprintf(address, sizeof address, "10.%d.%d.%d/8", i / 62500 + 1, i / 250 % 250, i % 250 + 2);

    struct object *namespace = add(model, CLASS_NAMESPACE, NULL, HOST);
    object_set_text(model, namespace, "name", ns);
    model_add(model, namespace, NULL);
    add_end(model, HOST, near, far, "host/br0");
    add_end(model, ns, "eth0", near_ref, NULL);
    struct object *object = add(model, CLASS_ADDRESS, NULL, ns);
    object_set_text(model, object, "dev", "eth0");
    object_set_text(model, object, "address", address);
    model_add(model, object, NULL);
    object = add(model, CLASS_ROUTE, NULL, ns);
    object_set_text(model, object, "to", "0.0.0.0/0");
    object_set_text(model, object, "via", "10.255.255.254");
    object_set_text(model, object, "dev", "eth0");
    model_add(model, object, NULL);
}

static void make_star(struct model *model)
{
    struct object *bridge = add(model, CLASS_INTERFACE, kind_by_name("bridge"), HOST);
    object_set_text(model, bridge, "name", "br0");
    object_set_number(model, bridge, "up", 1);
    model_add(model, bridge, NULL);
    for (int i = 1; i <= NAMESPACES; i++)
        add_namespace(model, i);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double measure(const struct model *desired, const struct model *observed, size_t *ret_steps)
{
    double times[RUNS];
    for (int run = 0; run < RUNS; run++) {
        struct timespec from, to;
        struct errors errors = {0};
        struct plan plan = {0};
        struct plan_request request = {
            .desired = desired, .recorded = observed, .observed = observed, .topology = "star"};
        clock_gettime(CLOCK_MONOTONIC, &from);
        if (plan_make(&request, &plan, &errors) < 0)
            exit(1);
        clock_gettime(CLOCK_MONOTONIC, &to);
        times[run] = (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
        *ret_steps = plan.n_steps;
        plan_done(&plan);
        errors_done(&errors);
    }
    qsort(times, RUNS, sizeof times[0], by_value);
    return times[RUNS / 2];
}

int main(void)
{
    struct model star = {0}, none = {0};
    size_t steps, no_steps;
    make_star(&star);
    double build = measure(&star, &none, &steps);
    double nothing = measure(&star, &star, &no_steps);
    printf("%.2f ms for %zu steps, %.2f ms for %zu steps, of %zu objects\n", build, steps, nothing, no_steps,
           star.n_objects);
    model_done(&star);
    return 0;
}
