/* Pieces of command lines that the classes share. A line is built word by word in a `struct text` and
 * handed over whole. */
#pragma once
#include "model/step.h"

/* "" or "ip netns exec NS ": for tools that cannot be told a namespace. */
const char *words_exec(const char *ns, char *buffer, size_t size);

/* Appends a word, quoted for the shell, after a space. */
void words_add(struct text *line, const char *word);

/* Appends the words of an option by its `ip` column, after a space; nothing where it has no words. */
void words_add_option(struct text *line, const struct option *option, const struct value *value);

/* The same for an option by key, if it is set. */
void words_add_key(struct text *line, const struct object *object, const char *key);

/* Whether a command must speak of the option: it changes, or it is new and differs from what would be
 * anyway. A text that is empty (nothing: no master, no targets) counts only as a change. */
bool words_matter(const struct step *step, unsigned option);

/* Ends the line: into `out`, and empty again. */
void words_end(struct text *line, struct commands *out);

/* Begins a line: "ip -n red address add", "ip -n red -6 route add" (with the tool "ip" and
 * the command "-6 route add"). */
void words_begin(struct text *line, const char *tool, const char *ns, const char *command);
