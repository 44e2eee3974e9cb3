/* What a command is, and what it finds when it runs.
 *
 * A command is one file that ends in a `const struct command`, and one line in the table of main.c. Its
 * options are a table too: parsing, --help and completion all read it. main() finds the command, reads the
 * words (options.h), brings an ordinary user into their world, calls run(), closes the session if one is
 * open, prints the errors once and exits with the result. A command prints its answer on standard output and
 * puts everything else into `errors`. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/result.h"

struct cli;
/* Of apply/apply.h, which is not included: its `struct option` is another one than that of getopt.h. */
struct machine;
struct session;

enum { FLAGS_MAX = 40, ARGUMENTS_MAX = 3 };

/* What a word stands for: how it is completed. */
enum argument {
    ARGUMENT_NONE,
    ARGUMENT_FILE,     /* network files */
    ARGUMENT_RUNNING,  /* topologies that run */
    ARGUMENT_PENDING,  /* topologies that wait for confirmation */
    ARGUMENT_PAST,     /* topologies that run or did run: that have something to go back to */
    ARGUMENT_SAVED,    /* topologies that are saved */
    ARGUMENT_TOPOLOGY, /* either */
    ARGUMENT_NAMESPACE,
    ARGUMENT_NETWORK,
    ARGUMENT_OBJECT, /* a topology, a namespace or NS/INTERFACE */
    ARGUMENT_PROGRAM,
    ARGUMENT_SUBCOMMAND, /* one of command->subcommands */
};

/* One option of a command: --NAME, --NAME=VALUE or --NAME[=VALUE]. */
struct flag {
    const char *name;
    const char *value; /* what --help calls it: "S", by which it is completed as well; NULL: takes none */
    bool optional;     /* the value may be left out; a number may follow as a word of its own: --confirm 30 */
    const char *help;
};

enum need {
    NEED_WORLD = 1 << 0,     /* looks at the network or changes it */
    NEED_NEW_WORLD = 1 << 1, /* the same, and an ordinary user who has no world gets one */
    NEED_ORDER = 1 << 2,     /* options end at the first word that is none: the rest is another program's */
    NEED_HIDING = 1 << 3, /* called by scripts and by the build: not in --help, and without a manual page */
    NEED_RAW = 1 << 4,    /* takes all words as they are */
};

struct command {
    const char *name;    /* of one below another both: "network create" */
    const char *usage;   /* the words after the options: "[FILE...]" */
    const char *summary; /* one line, without a full stop */
    const char *details; /* for --help; may be NULL */
    const struct flag *flags;
    unsigned n_flags;
    const char *letters; /* by the index in flags: the short form of an option, or 0; NULL: none has one */
    unsigned min_args, max_args;            /* words that are no options */
    enum argument arguments[ARGUMENTS_MAX]; /* the last that is not NONE goes on for all further words */
    const char *const *subcommands;         /* what the first word can be, ended by NULL; or NULL */
    const struct command *const *below; /* the first word is one of these, which have options of their own; or
                                           NULL */
    void (*prepare)(void);              /* fills in `flags`, where they follow from another table; or NULL */
    unsigned needs;                     /* enum need */
    unsigned (*needs_of)(const struct cli *cli); /* what that depends on more than the name; or NULL */
    enum result (*run)(struct cli *cli);
};

struct cli {
    const struct machine *machine;
    const struct command *const *commands; /* ended by NULL */
    const struct command *command;         /* NULL: none was named */
    char **args;                           /* the words that are no options, ended by NULL */
    size_t n_args;
    bool given[FLAGS_MAX];               /* by the index in command->flags */
    const char *values[FLAGS_MAX];       /* the last */
    const char *const *lists[FLAGS_MAX]; /* all that were given, ended by NULL; NULL: none */
    bool json, quiet, help, version;
    bool color, color_errors; /* of standard output and of standard error */
    bool in_world;            /* of an ordinary user */
    bool has_written;         /* opened the network, or what is saved, to change it */
    struct arena arena;       /* lives as long as the process */
    struct errors errors;
    struct session *session; /* NULL: none is open */
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
