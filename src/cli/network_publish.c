/* plexus network publish and unpublish: ports of the host that lead to a guest, changed while it runs. */
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/hand.h"
#include "cli/output.h"
#include "model/firewall/firewall.h"

enum { FLAG_DRY_RUN, FLAG_NO_WAIT, FLAG_MAX };

static const struct flag flags[FLAG_MAX] = {
    [FLAG_DRY_RUN] = {"dry-run", NULL, false, "show the steps and do none"},
    [FLAG_NO_WAIT] = {"no-wait", NULL, false, "fail at once when another plexus is at work"},
};

/* The guest of [ADDRESS:]PORT:GUEST:PORT: what stands between the last two colons. */
static const char *guest_of(struct cli *cli, const char *words)
{
    const char *last = NULL, *before = NULL;
    for (const char *c = words; *c && *c != ' '; c++)
        if (*c == ':') {
            before = last;
            last = c;
        }
    return before ? arena_strndup(&cli->arena, before + 1, (size_t)(last - before) - 1) : NULL;
}

static enum result publish(struct cli *cli, struct hand *hand)
{
    const char *words = cli->args[1], *ns = guest_of(cli, words);
    const struct network_guest *guest = ns ? network_guest_find(hand->network, ns) : NULL;
    if (!ns) {
        cli_fail(cli, RESULT_USAGE, "`%s` is not a published port", words);
        cli_hint(cli, "expected [ADDRESS:]PORT:GUEST:PORT[/udp], like 8080:web:80");
        return RESULT_USAGE;
    }
    if (!guest)
        return network_no_guest(cli, hand->network, ns);
    struct endpoint *endpoint = endpoint_find(&hand->endpoints, hand->network->name, ns);
    if (!endpoint)
        endpoint = endpoint_add(&hand->endpoints, hand->network->name, ns);
    endpoint_publish(&hand->endpoints, endpoint, words);
    return RESULT_DONE;
}

static const char *protocol_of(const char *words)
{
    const char *slash = strchr(words, '/');
    return slash ? slash + 1 : "tcp";
}

/* The whole, or no more than what the host has of it: "8080", "53/udp", "10.0.0.1:8080". */
static bool is_meant(const char *words, const char *asked)
{
    size_t length = strcspn(asked, "/");
    return strcmp(words, asked) == 0 ||
           (strncmp(words, asked, length) == 0 && words[length] == ':' &&
            strncmp(protocol_of(words), protocol_of(asked), strlen(protocol_of(asked))) == 0);
}

/* Whether the endpoint had it. One that says nothing else goes as a whole. */
static bool drop(struct endpoints *all, struct endpoint *endpoint, const char *asked)
{
    size_t n = 0;
    for (size_t i = 0; i < endpoint->n_publish; i++)
        if (!is_meant(endpoint->publish[i], asked))
            endpoint->publish[n++] = endpoint->publish[i];
    bool found = n < endpoint->n_publish;
    endpoint->n_publish = n;
    if (found && !n && !endpoint->is_plugged)
        endpoint_remove(all, endpoint);
    return found;
}

static enum result unpublish(struct cli *cli, struct hand *hand)
{
    const char *asked = cli->args[1], *network = hand->network->name;
    bool found = false;
    for (struct endpoint *one = hand->endpoints.first, *next; one; one = next) {
        next = one->next;
        if (strcmp(one->network, network) == 0)
            found |= drop(&hand->endpoints, one, asked);
    }
    if (found)
        return RESULT_DONE;
    const struct fw_publish *port = NULL;
    while ((port = network_published(&hand->running->topology, hand->network, port)))
        if (is_meant(port->words, asked)) {
            cli_fail(cli, RESULT_BUSY, "`%s` is published by the file of topology `%s`", port->words,
                     hand->running->record.name);
            cli_hint(cli, "take it out of `publish` of `%s` there, and apply the file", network);
            return RESULT_BUSY;
        }
    cli_fail(cli, RESULT_NOT_FOUND, "`%s` is not published in network `%s`", asked, network);
    cli_hint(cli, "plexus network inspect %s shows what is", network);
    return RESULT_NOT_FOUND;
}

static void say(struct cli *cli, const struct hand *hand, const struct network *now)
{
    const char *result = hand->userdata;
    output_say(cli, "%s: %s is %s", now->name, cli->args[1], result);
    if (cli->json)
        output_json(json_pack("{s:s, s:s, s:s, s:s}", "topology", hand->running->record.name, "network",
                              now->name, "result", result, "port", cli->args[1]));
}

static enum result run(struct cli *cli)
{
    bool is_new = cli->command == &command_network_publish;
    char result[] = "unpublished";
    struct hand hand = {.word = cli->args[0],
                        .dry_run = cli->given[FLAG_DRY_RUN],
                        .wait = !cli->given[FLAG_NO_WAIT],
                        .keeps_ssh = is_new,
                        .userdata = is_new ? result + 2 : result,
                        .edit = is_new ? publish : unpublish,
                        .say = say};
    return hand_change(cli, &hand);
}

const struct command command_network_publish = {
    .name = "network publish",
    .usage = "NETWORK [ADDRESS:]PORT:GUEST:PORT[/udp]",
    .summary = "Let a port of the host lead to a guest",
    .details = "It leads there as long as the guest is in the network. A guest is named as `plexus network "
               "inspect` shows it.",
    .flags = flags,
    .n_flags = FLAG_MAX,
    .min_args = 2,
    .max_args = 2,
    .arguments = {ARGUMENT_NETWORK, ARGUMENT_NONE},
    .needs = NEED_WORLD,
    .run = run,
};

const struct command command_network_unpublish = {
    .name = "network unpublish",
    .usage = "NETWORK PORT[/udp]",
    .summary = "Take back what `network publish` has made",
    .flags = flags,
    .n_flags = FLAG_MAX,
    .min_args = 2,
    .max_args = 2,
    .arguments = {ARGUMENT_NETWORK, ARGUMENT_NONE},
    .needs = NEED_WORLD,
    .run = run,
};
