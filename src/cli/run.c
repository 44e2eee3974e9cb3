/* plexus run: a command in a namespace of its own that is plugged into networks, and is gone when the
 * command has ended.
 *
 * This process stays and waits for the command, as docker run does: what it uses of the networks is bound to
 * its life (model/endpoint.h). The command is its child in the same process group, so that the terminal's
 * signals reach it by themselves; others are passed on. Should this process be killed, the kernel kills the
 * command, and a guard takes away the rest. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"
#include "cli/commands.h"
#include "cli/hand.h"
#include "cli/inside.h"
#include "cli/network.h"
#include "cli/output.h"

enum { FLAG_NETWORK, FLAG_IP, FLAG_PUBLISH, FLAG_NAME, FLAG_ENV, FLAG_WORKDIR, FLAG_MAX };

static const struct flag flags[FLAG_MAX] = {
    [FLAG_NETWORK] = {"network", "NETWORK", false, "plug it into this network; can be said several times"},
    [FLAG_IP] = {"ip", "ADDRESS", false, "its address in the first network, not the next that is free"},
    [FLAG_PUBLISH] = {"publish", "PORT", false,
                      "let a port of the host lead to it: [ADDRESS:]PORT:PORT[/udp]; several times"},
    [FLAG_NAME] = {"name", "NAME", false, "what its namespace is called, not run-PID"},
    [FLAG_ENV] = {"env", "NAME=VALUE", false, "set a variable of its environment; several times"},
    [FLAG_WORKDIR] = {"workdir", "FOLDER", false, "the folder that it begins in"},
};

enum { NOT_RUNNABLE = 126, SIGNALLED = 128 }; /* exit statuses, as shells have them */

struct run {
    const char *name;    /* of the namespace */
    const char **joined; /* networks, as TOPOLOGY/NETWORK; ended by NULL */
    size_t n_joined;
};

/* Joining */

/* 8080:80 -> 8080:NAME:80 */
static const char *with_guest(struct cli *cli, const char *port, const char *name)
{
    const char *colon = strrchr(port, ':');
    if (!colon)
        return NULL;
    return arena_printf(&cli->arena, "%.*s:%s%s", (int)(colon - port), port, name, colon);
}

static enum result say_first(struct cli *cli, struct hand *hand, struct endpoint *endpoint)
{
    const struct run *run = hand->userdata;
    for (const char *const *ip = cli->lists[FLAG_IP]; ip && *ip; ip++)
        if (!endpoint_take_address(endpoint, *ip))
            return cli_fail(cli, RESULT_USAGE, "--ip: one address of each family, and there are more");
    for (const char *const *port = cli->lists[FLAG_PUBLISH]; port && *port; port++) {
        const char *words = with_guest(cli, *port, run->name);
        if (words) {
            endpoint_publish(&hand->endpoints, endpoint, words);
            continue;
        }
        cli_fail(cli, RESULT_USAGE, "--publish: `%s` is not a published port", *port);
        cli_hint(cli, "expected [ADDRESS:]PORT:PORT[/udp], like 8080:80: that of the host, and its own");
        return RESULT_USAGE;
    }
    return RESULT_DONE;
}

static enum result refuse_name(struct cli *cli, const char *name)
{
    cli_fail(cli, RESULT_BUSY, "there is a namespace `%s` already", name);
    cli_hint(cli, "take another --name; a command in that one: plexus exec %s ...", name);
    return RESULT_BUSY;
}

static enum result refuse_topology(struct cli *cli, const struct hand *hand, const char *first)
{
    cli_fail(cli, RESULT_USAGE, "%s and %s/%s are of two topologies: a namespace belongs to one", first,
             hand->running->record.name, hand->network->name);
    cli_hint(cli, "describe both networks in one file");
    return RESULT_USAGE;
}

static bool is_beside(const struct hand *hand, const char *first)
{
    const char *topology = hand->running->record.name;
    size_t length = strlen(topology);
    return strncmp(first, topology, length) == 0 && strrchr(first, '/') == first + length;
}

/* The first brings the namespace. */
static enum result join(struct cli *cli, struct hand *hand)
{
    struct run *run = hand->userdata;
    bool is_first = !run->n_joined;
    if (is_first && (access(arena_printf(&cli->arena, "/run/netns/%s", run->name), F_OK) == 0 ||
                     model_get(&hand->running->topology.model, CLASS_NAMESPACE, HOST, run->name)))
        return refuse_name(cli, run->name);
    if (!is_first && !is_beside(hand, run->joined[0]))
        return refuse_topology(cli, hand, run->joined[0]);
    if (network_guest_find(hand->network, run->name))
        return cli_fail(cli, RESULT_USAGE, "--network: `%s` is said twice", hand->network->name);
    struct endpoint *endpoint = endpoint_add(&hand->endpoints, hand->network->name, run->name);
    endpoint->is_plugged = endpoint->is_made = true;
    endpoint->process = getpid();
    endpoint->started = process_start(getpid());
    run->joined[run->n_joined] =
        arena_printf(&cli->arena, "%s/%s", hand->running->record.name, hand->network->name);
    return is_first ? say_first(cli, hand, endpoint) : RESULT_DONE;
}

static enum result join_all(struct cli *cli, struct run *run)
{
    enum result result = RESULT_DONE;
    for (const char *const *word = cli->lists[FLAG_NETWORK]; *word && result == RESULT_DONE; word++) {
        struct hand hand = {.word = *word,
                            .wait = true,
                            .keeps_ssh = cli->given[FLAG_PUBLISH],
                            .userdata = run,
                            .edit = join};
        result = hand_change(cli, &hand);
        run->n_joined += result == RESULT_DONE;
    }
    return result;
}

/* Leaving */

static enum result leave(struct cli *cli, struct hand *hand)
{
    const struct run *run = hand->userdata;
    (void)cli;
    const struct endpoint *endpoint = endpoint_find(&hand->endpoints, hand->network->name, run->name);
    if (endpoint)
        endpoint_remove(&hand->endpoints, endpoint);
    return RESULT_DONE;
}

/* The network may be gone meanwhile. */
static bool is_joined(const struct cli *cli, const char *joined, const char *name)
{
    struct errors ignored CLEANUP_ERRORS = {0};
    struct endpoints all CLEANUP_ENDPOINTS = {0};
    struct text topology CLEANUP_TEXT = {0};
    const char *slash = strrchr(joined, '/');
    text_add_n(&topology, joined, (size_t)(slash - joined));
    return topology_runs(cli->machine, text_of(&topology)) == 0 &&
           endpoints_load(cli->machine, text_of(&topology), &all, &ignored) == 0 &&
           endpoint_find(&all, slash + 1, name);
}

static void leave_all(struct cli *cli, struct run *run)
{
    while (run->n_joined) {
        const char *joined = run->joined[--run->n_joined];
        struct hand hand = {.word = joined, .wait = true, .userdata = run, .edit = leave};
        if (is_joined(cli, joined, run->name))
            hand_change(cli, &hand);
    }
}

/* The command */

static enum result set_surroundings(struct cli *cli, const struct run *run)
{
    setenv("PLEXUS_NAMESPACE", run->name, 1);
    for (const char *const *word = cli->lists[FLAG_ENV]; word && *word; word++)
        if (strchr(*word, '=')) /* else it has it already */
            putenv(arena_strdup(&cli->arena, *word));
    const char *folder = cli->values[FLAG_WORKDIR];
    if (!folder || chdir(folder) == 0)
        return RESULT_DONE;
    cli_fail(cli, RESULT_FAILED, "--workdir: cannot go to %s: %s", folder, strerror(errno));
    return (enum result)NOT_RUNNABLE;
}

/* Never returns: becomes the command, or says why not. */
static void become(struct cli *cli, const struct run *run, pid_t parent, const sigset_t *signals)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(SIGNALLED + SIGKILL);
    enum result result = inside_enter(cli, run->name);
    if (result == RESULT_DONE)
        result = set_surroundings(cli, run);
    sigprocmask(SIG_SETMASK, signals, NULL);
    if (result == RESULT_DONE)
        result = inside_exec(cli, cli->args);
    output_errors(cli, result);
    _exit((int)result);
}

/* What the terminal sends, it sends to the command as well. */
static void pass_on(const siginfo_t *info, pid_t child)
{
    bool from_terminal = info->si_code == SI_KERNEL;
    if (!from_terminal)
        kill(child, info->si_signo);
}

/* Stops with the command, so that the shell gets the terminal back. */
static void stop_too(pid_t child)
{
    raise(SIGSTOP);
    kill(child, SIGCONT);
}

/* The exit status of the command. */
static int wait_for_end(pid_t child, const sigset_t *signals)
{
    for (;;) {
        siginfo_t info;
        int status;
        if (sigwaitinfo(signals, &info) < 0)
            continue;
        if (info.si_signo != SIGCHLD) {
            pass_on(&info, child);
            continue;
        }
        while (waitpid(child, &status, WNOHANG | WUNTRACED) > 0) {
            if (WIFEXITED(status))
                return WEXITSTATUS(status);
            if (WIFSIGNALED(status))
                return SIGNALLED + WTERMSIG(status);
            stop_too(child);
        }
    }
}

static int run_command(struct cli *cli, const struct run *run)
{
    static const int passed[] = {SIGCHLD, SIGHUP,  SIGINT,  SIGQUIT,  SIGTERM,
                                 SIGUSR1, SIGUSR2, SIGCONT, SIGWINCH, SIGTSTP};
    sigset_t signals, before;
    sigemptyset(&signals);
    for (size_t i = 0; i < COUNT(passed); i++)
        sigaddset(&signals, passed[i]);
    sigprocmask(SIG_BLOCK, &signals, &before);
    pid_t parent = getpid(), child = fork();
    if (child == 0)
        become(cli, run, parent, &before);
    if (child < 0)
        return (int)cli_fail(cli, RESULT_FAILED, "cannot start a process: %s", strerror(errno));
    return wait_for_end(child, &signals);
}

/* The whole */

static enum result check(struct cli *cli)
{
    const char *name = cli->values[FLAG_NAME];
    if (!cli->lists[FLAG_NETWORK]) {
        cli_fail(cli, RESULT_USAGE, "a network is missing");
        cli_hint(cli, "say --network NETWORK; plexus network ls shows those that run, plexus network create "
                      "makes one");
        return RESULT_USAGE;
    }
    if (!name || (*name && !strchr(name, '/') && name[0] != '.' && strcmp(name, HOST) != 0))
        return RESULT_DONE;
    return cli_fail(cli, RESULT_USAGE, "--name: `%s` cannot be the name of a namespace", name);
}

static enum result run(struct cli *cli)
{
    size_t n = 0;
    enum result result = check(cli);
    if (result != RESULT_DONE)
        return result;
    while (cli->lists[FLAG_NETWORK][n])
        n++;
    struct run run = {.name = cli->values[FLAG_NAME],
                      .joined = arena_alloc(&cli->arena, (n + 1) * sizeof *run.joined)};
    if (!run.name)
        run.name = arena_printf(&cli->arena, "run-%d", (int)getpid());
    result = join_all(cli, &run);
    if (result == RESULT_DONE) {
        const char *slash = strrchr(run.joined[0], '/');
        guard_use(cli->machine, arena_strndup(&cli->arena, run.joined[0], (size_t)(slash - run.joined[0])));
        result = (enum result)run_command(cli, &run);
    }
    leave_all(cli, &run);
    return result;
}

const struct command command_run = {
    .name = "run",
    .usage = "PROGRAM [ARGUMENT...]",
    .summary = "Run a program in a namespace of its own, plugged into a network",
    .details = "When the program ends, its namespace, addresses and published ports are gone. The exit "
               "status is that\n"
               "of the program; 126 when it cannot be run, 127 when it is not found, 128 and the signal that "
               "ended it.",
    .flags = flags,
    .n_flags = FLAG_MAX,
    .min_args = 1,
    .max_args = 100000,
    .arguments = {ARGUMENT_PROGRAM, ARGUMENT_FILE},
    .needs = NEED_WORLD | NEED_ORDER,
    .run = run,
};
