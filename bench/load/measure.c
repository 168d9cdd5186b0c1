/* Clock, latencies and the printed outcome. */
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void reserve(struct latencies *latencies, size_t wanted)
{
    if (wanted <= latencies->capacity)
        return;
    size_t capacity = latencies->capacity ? latencies->capacity : 65536;
    while (capacity < wanted)
        capacity *= 2;
    latencies->nanoseconds = realloc(latencies->nanoseconds, capacity * sizeof *latencies->nanoseconds);
    if (!latencies->nanoseconds)
        abort();
    latencies->capacity = capacity;
}

void latencies_add(struct latencies *latencies, double seconds)
{
    reserve(latencies, latencies->count + 1);
    double nanoseconds = seconds * 1e9;
    latencies->nanoseconds[latencies->count++] = nanoseconds > UINT32_MAX ? UINT32_MAX : (uint32_t)nanoseconds;
}

void latencies_merge(struct latencies *into, struct latencies *from)
{
    if (!from->count)
        return;
    reserve(into, into->count + from->count);
    memcpy(into->nanoseconds + into->count, from->nanoseconds, from->count * sizeof *from->nanoseconds);
    into->count += from->count;
    free(from->nanoseconds);
    memset(from, 0, sizeof *from);
}

static int compare(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

static double percentile_us(const struct latencies *sorted, double share)
{
    size_t index = (size_t)((double)sorted->count * share);
    if (index >= sorted->count)
        index = sorted->count - 1;
    return sorted->nanoseconds[index] / 1e3;
}

static double client_cpu_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

int outcome_print(struct outcome *outcome)
{
    double seconds = outcome->seconds > 0 ? outcome->seconds : 1e-9;
    double rate = (double)outcome->messages / seconds;
    printf("{\"messages\": %ld, \"failed\": %ld, \"seconds\": %.6f, \"messages_per_s\": %.1f, \"mb_per_s\": %.3f, "
           "\"client_cpu_s\": %.3f",
           outcome->messages, outcome->failed, outcome->seconds, rate, rate * (double)outcome->size / 1e6,
           client_cpu_seconds());
    struct latencies *latencies = &outcome->latencies;
    if (latencies->count) {
        qsort(latencies->nanoseconds, latencies->count, sizeof *latencies->nanoseconds, compare);
        printf(", \"p50_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f, \"max_us\": %.1f",
               percentile_us(latencies, 0.5), percentile_us(latencies, 0.99), percentile_us(latencies, 0.999),
               percentile_us(latencies, 1.0));
    }
    printf("}\n");
    fflush(stdout);
    return outcome->failed ? 1 : 0;
}
