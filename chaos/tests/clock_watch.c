/* clock-watch THREADS: reads the monotonic clock without pause until its standard input ends, then
 * prints how often it was read, how often it went back (within a thread or from one to another),
 * and how many seconds it showed: "reads backwards seconds". */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static atomic_uint_fast64_t reads;
static atomic_uint_fast64_t backwards;
static atomic_int_fast64_t latest;
static atomic_bool over;

static int64_t read_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void *watch(void *unused)
{
    while (!atomic_load(&over)) {
        int64_t before = atomic_load(&latest);
        int64_t now = read_clock();
        atomic_fetch_add(&reads, 1);
        if (now < before)
            atomic_fetch_add(&backwards, 1);
        while (before < now && !atomic_compare_exchange_weak(&latest, &before, now))
            ;
    }
    return unused;
}

int main(int argc, char **argv)
{
    pthread_t threads[16];
    char byte;
    long count = argc > 1 ? strtol(argv[1], NULL, 10) : 2;
    int64_t began = read_clock();
    for (long i = 0; i < count && i < 16; i++)
        pthread_create(&threads[i], NULL, watch, NULL);
    while (read(0, &byte, 1) > 0)
        ;
    atomic_store(&over, true);
    for (long i = 0; i < count && i < 16; i++)
        pthread_join(threads[i], NULL);
    printf("%llu %llu %.1f\n", (unsigned long long)reads, (unsigned long long)backwards,
           (double)(read_clock() - began) / 1e9);
    return 0;
}
