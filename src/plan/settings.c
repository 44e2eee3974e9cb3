/* Settings that change with another (model/sysctl.h): who writes net/ipv4/ip_forward sets `forwarding` of all
 * interfaces, also of those of others.
 *
 * What the file says of them is said again after that. On the way back, and when the file no longer says the
 * one that led them, each is given back what it had before us. What another topology says stays. */
#include <string.h>

#include "model/sysctl.h"
#include "plan/doom.h"

bool is_led_by(const struct object *follower, const char *leader)
{
    const struct sysctl_follower *row = sysctl_follower_of(follower->name);
    return row && strcmp(row->leader, leader) == 0;
}

const struct item *leader_of(const struct planner *planner, const struct object *follower)
{
    const struct sysctl_follower *row = sysctl_follower_of(follower->name);
    struct text id CLEANUP_TEXT = {0};
    if (!row)
        return NULL;
    text_printf(&id, "%s %s/%s", classes[CLASS_SYSCTL]->name, follower->ns, row->leader);
    return item_of(planner, text_of(&id));
}

/* What it is by the leader's new value. */
static struct object *led(struct planner *planner, const struct item *leader, const struct object *follower)
{
    struct object *now = object_clone(&planner->plan->arena, follower);
    const char *value =
        sysctl_followed(sysctl_follower_of(follower->name), object_text(leader->want, "value"));
    now->values[object_find_option(now, "value")] = value_text(value);
    return now;
}

/* The file no longer says the leader, and nobody else does. */
static void give_back(struct planner *planner, const struct object *original)
{
    const struct sysctl_follower *row = sysctl_follower_of(original->name);
    const struct object *have = map_get(&planner->request->observed->by_id, original->id);
    const struct option *option;
    if (!row || !have || item_of(planner, original->id) || said_by_others(planner->request, original->id))
        return;
    const struct item *leader = leader_of(planner, original);
    if (!leader || !leader->is_leftover || said_by_others(planner->request, leader->id))
        return;
    struct item *item = item_new(planner, original->id);
    item->is_leftover = true;
    item->want = original;
    if (compare_objects(original, have, NULL, NULL, &item->changed, &option) >= 0)
        item->fate = FATE_SET;
}

void decide_followers(struct planner *planner)
{
    if (planner->request->originals)
        model_each(planner->request->originals, original) give_back(planner, original);
}

static void follow(struct planner *planner, const struct item *leader, const struct object *follower)
{
    struct item *item = item_of(planner, follower->id);
    if (map_has(&planner->dead, follower->id) || (item && item->doomed))
        return;
    lose(planner, follower);
    if (!item && said_by_others(planner->request, follower->id)) {
        item = item_new(planner, follower->id);
        item->want = follower;
    }
    if (item && item->want)
        become(item, led(planner, leader, follower));
}

void doom_by_setting(struct planner *planner, const struct item *leader)
{
    for (const struct object *o = map_get(&planner->request->observed->namespaces, leader->have->ns); o;
         o = o->next_in_ns)
        if (is_led_by(o, leader->have->name))
            follow(planner, leader, o);
}
