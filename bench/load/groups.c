/* Consumer groups by the thousand. What is to be done comes on stdin, a line at a time; each is answered by a line of JSON:
 *
 *     join                     everybody who is out joins; until every group is stable
 *     leave N                  every Nth member of all leaves; until the groups of the others are stable
 *     heartbeats SECONDS W     heartbeats of everybody in turn, W under way at a time
 *     commits SECONDS W        the same with commits of one offset
 *
 * Between the lines nobody says anything.
 */
#include "group_crowd.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_SECONDS 90.0

static void usage(const char *program)
{
    fprintf(stderr,
            "use: %s --broker HOST:PORT --topic NAME --partitions N --name NAME [--groups N] [--members N]\n"
            "        [--protocol classic|consumer] [--interval-ms N]\n"
            "reads on stdin: join | leave N | heartbeats SECONDS WINDOW | commits SECONDS WINDOW\n",
            program);
    exit(2);
}

struct order {
    char *broker;
    const char *name;
};

static void parse(struct crowd *crowd, struct order *order, int argc, char **argv)
{
    static const struct option names[] = {
        {"broker", required_argument, 0, 'b'},   {"topic", required_argument, 0, 't'},
        {"partitions", required_argument, 0, 'p'}, {"name", required_argument, 0, 'n'},
        {"groups", required_argument, 0, 'g'},   {"members", required_argument, 0, 'm'},
        {"protocol", required_argument, 0, 'P'}, {"interval-ms", required_argument, 0, 'i'},
        {0, 0, 0, 0},
    };
    crowd->group_count = 1;
    crowd->interval = 0.5;
    crowd->plan = (struct plan){.group_size = 1};
    for (int letter; (letter = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        switch (letter) {
        case 'b': order->broker = optarg; break;
        case 't': crowd->plan.topic = optarg; break;
        case 'p': crowd->plan.partitions = atoi(optarg); break;
        case 'n': order->name = optarg; break;
        case 'g': crowd->group_count = atoi(optarg); break;
        case 'm': crowd->plan.group_size = atoi(optarg); break;
        case 'P': crowd->plan.protocol = strcmp(optarg, "consumer") ? CLASSIC : CONSUMER; break;
        case 'i': crowd->interval = atof(optarg) / 1000; break;
        default: usage(argv[0]);
        }
    }
    crowd->member_count = crowd->group_count * crowd->plan.group_size;
    if (!order->broker || !strrchr(order->broker, ':') || !order->name || !crowd->plan.topic || crowd->plan.partitions < 1 ||
        crowd->member_count < 1)
        usage(argv[0]);
}

static int change(struct crowd *crowd, enum state from, enum state to, int every)
{
    for (int i = 0; i < crowd->member_count; i++)
        if (crowd->members[i].state == from && i % every == 0)
            crowd->members[i].state = to;
    return crowd_settle(crowd, PATIENCE_SECONDS);
}

static int obey(struct crowd *crowd, const char *line)
{
    double seconds;
    int number;
    if (!strcmp(line, "join\n"))
        return change(crowd, OUT, JOINING, 1);
    if (sscanf(line, "leave %d", &number) == 1 && number > 0)
        return change(crowd, STABLE, LEAVING, number);
    if (sscanf(line, "heartbeats %lf %d", &seconds, &number) == 2)
        return crowd_load(crowd, REQUEST_HEARTBEAT, seconds, number);
    if (sscanf(line, "commits %lf %d", &seconds, &number) == 2)
        return crowd_load(crowd, REQUEST_COMMIT, seconds, number);
    fprintf(stderr, "no such order: %s", line);
    return -1;
}

int main(int argc, char **argv)
{
    struct crowd crowd = {0};
    struct order order = {0};
    char line[128];
    parse(&crowd, &order, argc, argv);
    char *colon = strrchr(order.broker, ':');
    *colon = 0;
    if (crowd_open(&crowd, order.broker, atoi(colon + 1), order.name))
        return 1;
    printf("ready\n");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        crowd.answered = 0;
        crowd.latencies.count = 0;
        double began = now();
        if (obey(&crowd, line))
            return 1;
        struct outcome outcome = {.seconds = now() - began, .messages = crowd.answered, .latencies = crowd.latencies};
        for (int i = 0; i < crowd.member_count; i++) {
            outcome.failed += crowd.members[i].failed;
            crowd.members[i].failed = 0;
        }
        outcome_print(&outcome);
    }
    return 0;
}
