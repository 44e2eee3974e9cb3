/* plexus run: a command in a namespace of its own that is plugged into networks, and is gone when the
 * command has ended.
 *
 * This process stays and waits for the command, as docker run does: what it uses of the networks is bound to
 * its life (model/endpoint.h). The command is its child in the same process group, so that the terminal's
 * signals reach it by themselves; others are passed on. Should this process be killed, the kernel kills the
 * command, and a guard takes away the rest. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apply/guard.h"
#include "base/process.h"
#include "cli/commands.h"
#include "cli/hand.h"
#include "cli/inside.h"
#include "cli/network.h"
#include "cli/output.h"
#include "kernel/enter.h"

enum { FLAG_NETWORK, FLAG_IP, FLAG_PUBLISH, FLAG_NAME, FLAG_ENV, FLAG_WORKDIR, FLAG_MAX };

static const struct flag flags[FLAG_MAX] = {
    [FLAG_NETWORK] = {"network", "NETWORK", false,
                      "plug it into this network; several times, the first leads out"},
    [FLAG_IP] = {"ip", "ADDRESS", false, "its address in the first network, not the next that is free"},
    [FLAG_PUBLISH] = {"publish", "PORT", false,
                      "let a port of the host lead to it: [ADDRESS:]PORT:PORT[/udp]; several times"},
    [FLAG_NAME] = {"name", "NAME", false, "what its namespace is called, not run-PID"},
    [FLAG_ENV] = {"env", "NAME=VALUE", false, "set a variable of its environment; several times"},
    [FLAG_WORKDIR] = {"workdir", "FOLDER", false, "the folder that it begins in"},
};

static const char letters[FLAG_MAX] = {[FLAG_PUBLISH] = 'p', [FLAG_ENV] = 'e', [FLAG_WORKDIR] = 'w'};

enum { NOT_RUNNABLE = 126, SIGNALLED = 128 }; /* exit statuses, as shells have them */

struct run {
    const char *name; /* of the namespace */
    bool is_joined;   /* it is in a network */
    pid_t program;    /* what becomes it: has the namespace already, and waits for the word to go on */
    int ready, go;    /* the ends of two pipes: it has the namespace; it may go on */
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

/* The first names the namespace. */
static enum result join(struct cli *cli, struct hand *hand)
{
    struct run *run = hand->userdata;
    bool is_first = !run->is_joined;
    if (is_first && (access(arena_printf(&cli->arena, "/run/netns/%s", run->name), F_OK) == 0 ||
                     model_get(&hand->running->topology.model, CLASS_NAMESPACE, HOST, run->name)))
        return refuse_name(cli, run->name);
    if (network_guest_find(hand->network, run->name))
        return cli_fail(cli, RESULT_USAGE, "--network: `%s` is said twice", hand->network->name);
    struct endpoint *endpoint = endpoint_add(&hand->endpoints, hand->network->name, run->name);
    endpoint->is_plugged = endpoint->is_run = true;
    endpoint->process = run->program;
    endpoint->started = process_start(run->program);
    enum result result = hand_namespace(cli, hand, endpoint);
    if (result == RESULT_DONE && is_first)
        result = say_first(cli, hand, endpoint);
    return result == RESULT_DONE ? hand_look(cli, hand, endpoint) : result;
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
        run->is_joined |= result == RESULT_DONE;
    }
    return result;
}

/* Any session that writes takes away what nobody uses any more. */
static void leave_all(struct cli *cli)
{
    network_open(cli, ACCESS_WRITE, NULL, true);
    network_close(cli, RESULT_DONE);
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

static enum result become(struct cli *cli, const struct run *run)
{
    enum result result = inside_enter(cli, run->name);
    if (result == RESULT_DONE)
        result = set_surroundings(cli, run);
    return result == RESULT_DONE ? inside_exec(cli, cli->args) : result;
}

/* Never returns: in a namespace of its own it waits for the word, and becomes the program or says why not. */
static void begin(struct cli *cli, const struct run *run, pid_t parent, int ready, int go)
{
    char byte;
    int r = 0;
    enum result result = RESULT_DONE;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(SIGNALLED + SIGKILL);
    close(run->ready);
    close(run->go);
    if ((r = namespace_begin(&cli->errors)) < 0)
        result = r == -EPERM ? RESULT_NOT_PERMITTED : RESULT_FAILED;
    else if (write(ready, "", 1) == 1 && read(go, &byte, 1) == 1)
        result = become(cli, run);
    output_errors(cli, result);
    _exit((int)result);
}

static enum result start(struct cli *cli, struct run *run)
{
    int ready[2] = {-1, -1}, go[2] = {-1, -1}, status = 0;
    char byte;
    pid_t parent = getpid();
    bool has_pipes = pipe2(ready, O_CLOEXEC) == 0 && pipe2(go, O_CLOEXEC) == 0;
    run->ready = ready[0];
    run->go = go[1];
    run->program = has_pipes ? fork() : -1;
    if (run->program == 0)
        begin(cli, run, parent, ready[1], go[0]);
    if (run->program < 0)
        return cli_fail(cli, RESULT_FAILED, "cannot start a process: %s", strerror(errno));
    close(ready[1]);
    close(go[0]);
    if (read(run->ready, &byte, 1) == 1)
        return RESULT_DONE;
    waitpid(run->program, &status, 0); /* which said why not */
    return WIFEXITED(status) ? (enum result)WEXITSTATUS(status) : RESULT_FAILED;
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

/* Whether it has ended; *ret_status is what shells make of that. */
static bool has_ended(pid_t child, int *ret_status)
{
    int status;
    while (waitpid(child, &status, WNOHANG | WUNTRACED) > 0) {
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            *ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : SIGNALLED + WTERMSIG(status);
            return true;
        }
        stop_too(child);
    }
    return false;
}

static int wait_for_end(pid_t child, const sigset_t *signals)
{
    int status;
    while (!has_ended(child, &status)) {
        siginfo_t info;
        if (sigwaitinfo(signals, &info) >= 0 && info.si_signo != SIGCHLD)
            pass_on(&info, child);
    }
    return status;
}

/* Its exit status. */
static int run_program(const struct run *run)
{
    static const int passed[] = {SIGCHLD, SIGHUP,  SIGINT,  SIGQUIT,  SIGTERM,
                                 SIGUSR1, SIGUSR2, SIGCONT, SIGWINCH, SIGTSTP};
    sigset_t signals;
    sigemptyset(&signals);
    for (size_t i = 0; i < COUNT(passed); i++)
        sigaddset(&signals, passed[i]);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    (void)!write(run->go, "", 1);
    return wait_for_end(run->program, &signals);
}

/* It was not told to go on, so it ends by the end of the pipe. */
static void give_up(const struct run *run)
{
    int status;
    close(run->go);
    waitpid(run->program, &status, 0);
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
    struct run run = {.name = cli->values[FLAG_NAME]};
    enum result result = check(cli);
    if (!run.name)
        run.name = arena_printf(&cli->arena, "run-%d", (int)getpid());
    if (result == RESULT_DONE)
        result = start(cli, &run);
    if (result != RESULT_DONE)
        return result;
    guard_use(cli->machine, run.name, run.program);
    result = join_all(cli, &run);
    if (result == RESULT_DONE)
        result = (enum result)run_program(&run);
    else
        give_up(&run);
    leave_all(cli);
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
    .letters = letters,
    .min_args = 1,
    .max_args = 100000,
    .arguments = {ARGUMENT_PROGRAM, ARGUMENT_FILE},
    .needs = NEED_WORLD | NEED_ORDER,
    .run = run,
};
