/* Asking ahead: threads that ask, while the one that looks reads what they were told.
 *
 * To look at a thousand namespaces is mostly the kernel's work, three answers in each. It gives them to
 * several threads at once, for what is asked in one namespace waits for nothing in another: measured on 6.18,
 * two threads take half the time of one. Reading fills a model, and stays with one thread, in the order of
 * the names.
 *
 * Names are taken in batches, so that threads seldom wake each other, and only so far ahead as there are
 * trays, so that memory does not grow with the number of namespaces. A thread touches nothing of the door but
 * sockets that were open before; it goes into namespaces, never comes back, and ends there. Where it gets no
 * answer it leaves none: then the question is asked in the usual way, which knows what to say of an error. */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/linux/linux.h"

enum { BATCH = 16, TRAYS = 6, THREADS_MAX = 4 };

/* What was answered in one batch of namespaces. */
struct tray {
    size_t filled; /* the number of the batch that it holds, counted from one */
    struct dump dump;
    struct answers answers[BATCH];
};

struct ahead {
    const struct view *view; /* how closely to look */
    const char *const *names;
    size_t n_names;
    int *kept; /* sockets that are open already, or -1 */
    pthread_t threads[THREADS_MAX];
    unsigned n_threads;
    pthread_mutex_t mutex; /* of what follows, and of tray.filled */
    pthread_cond_t changed;
    size_t next;    /* the batch that is taken next */
    size_t reading; /* the batch that is being read: the trays of those before it are free */
    bool stops;
    struct tray trays[TRAYS];
};

/* What a thread writes with. */
struct desk {
    struct message message;
    struct reply reply;
};

static void ask_class(struct answers *answers, enum class_id id, struct dump *dump, struct desk *desk)
{
    size_t before = dump->length;
    linux_classes[id]->ask(&desk->message);
    if (netlink_dump_add(answers->route, &desk->message, dump, &desk->reply) < 0)
        dump->length = before;
    else
        answers->of[id] = (struct answer){true, before, dump->length - before};
}

static void ask_namespace(const struct ahead *ahead, size_t name, struct tray *tray, struct desk *desk)
{
    struct answers *answers = &tray->answers[name % BATCH];
    if (ahead->kept[name] < 0) {
        answers->route = namespaces_visit(ahead->names[name], &answers->about);
        answers->is_new = answers->route >= 0;
    } else {
        answers->route = ahead->kept[name];
    }
    for (enum class_id id = 0; answers->route >= 0 && id < CLASS_MAX; id++)
        if (linux_classes[id]->ask && !linux_classes[id]->is_there && !view_passes_over(ahead->view, id))
            ask_class(answers, id, &tray->dump, desk);
}

static void fill(const struct ahead *ahead, size_t batch, struct tray *tray, struct desk *desk)
{
    tray->dump.length = 0;
    for (size_t i = 0; i < BATCH; i++) {
        tray->answers[i] = (struct answers){.route = -1, .dump = &tray->dump};
        if (batch * BATCH + i < ahead->n_names)
            ask_namespace(ahead, batch * BATCH + i, tray, desk);
    }
}

/* False: there is none left. */
static bool take_batch(struct ahead *ahead, size_t *ret_batch)
{
    pthread_mutex_lock(&ahead->mutex);
    while (!ahead->stops && ahead->next >= ahead->reading + TRAYS)
        pthread_cond_wait(&ahead->changed, &ahead->mutex);
    bool any = !ahead->stops && ahead->next * BATCH < ahead->n_names;
    *ret_batch = ahead->next;
    ahead->next += any;
    pthread_mutex_unlock(&ahead->mutex);
    return any;
}

static void *ask_all(void *userdata)
{
    struct ahead *ahead = userdata;
    struct desk desk = {.message.sequence = 0};
    size_t batch;
    while (take_batch(ahead, &batch)) {
        struct tray *tray = &ahead->trays[batch % TRAYS];
        fill(ahead, batch, tray, &desk);
        pthread_mutex_lock(&ahead->mutex);
        tray->filled = batch + 1;
        pthread_cond_broadcast(&ahead->changed);
        pthread_mutex_unlock(&ahead->mutex);
    }
    return NULL;
}

static unsigned count_processors(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) < 0 ? 1 : (unsigned)CPU_COUNT(&set);
}

/* For a few it is not worth it; and none of those that are kept may be closed meanwhile to make room. */
static bool is_worth_it(const struct namespaces *all, size_t n_names, unsigned n_threads)
{
    return n_threads > 1 && n_names >= (size_t)2 * BATCH && n_names + all->n_open <= all->max_open;
}

struct ahead *ahead_start(const struct view *view, const char *const *names, size_t n_names)
{
    unsigned n_threads = count_processors();
    struct namespaces *all = &view->door->namespaces;
    if (!is_worth_it(all, n_names, n_threads))
        return NULL;
    struct ahead *ahead = xrealloc(NULL, 1, sizeof *ahead);
    *ahead = (struct ahead){.view = view, .names = names, .n_names = n_names};
    ahead->kept = xrealloc(NULL, n_names, sizeof *ahead->kept);
    for (size_t i = 0; i < n_names; i++)
        ahead->kept[i] = namespaces_kept(all, names[i]);
    pthread_mutex_init(&ahead->mutex, NULL);
    pthread_cond_init(&ahead->changed, NULL);
    for (unsigned i = 0; i < n_threads && i < THREADS_MAX; i++)
        ahead->n_threads += pthread_create(&ahead->threads[ahead->n_threads], NULL, ask_all, ahead) == 0;
    if (ahead->n_threads)
        return ahead;
    ahead_stop(ahead);
    return NULL;
}

struct answers *ahead_answers(struct ahead *ahead, size_t name)
{
    size_t batch = name / BATCH;
    if (!ahead)
        return NULL;
    struct tray *tray = &ahead->trays[batch % TRAYS];
    pthread_mutex_lock(&ahead->mutex);
    if (ahead->reading < batch) {
        ahead->reading = batch;
        pthread_cond_broadcast(&ahead->changed);
    }
    while (tray->filled != batch + 1)
        pthread_cond_wait(&ahead->changed, &ahead->mutex);
    pthread_mutex_unlock(&ahead->mutex);
    return &tray->answers[name % BATCH];
}

/* The trays hold sockets that nobody took over when reading ended early. */
void ahead_stop(struct ahead *ahead)
{
    if (!ahead)
        return;
    pthread_mutex_lock(&ahead->mutex);
    ahead->stops = true;
    pthread_cond_broadcast(&ahead->changed);
    pthread_mutex_unlock(&ahead->mutex);
    for (unsigned i = 0; i < ahead->n_threads; i++)
        pthread_join(ahead->threads[i], NULL);
    for (struct tray *tray = ahead->trays; tray < ahead->trays + TRAYS; tray++) {
        for (size_t i = 0; i < BATCH; i++)
            if (tray->answers[i].is_new)
                close(tray->answers[i].route);
        dump_done(&tray->dump);
    }
    pthread_mutex_destroy(&ahead->mutex);
    pthread_cond_destroy(&ahead->changed);
    free(ahead->kept);
    free(ahead);
}
