/* The command line of the load generators. */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const MODE_NAMES[] = {"produce", "pipelined",  "sync",    "consume",
                                         "first",   "transact", "pipeline"};

static void usage(const char *program, const char *complaint)
{
    fprintf(stderr,
            "%s\n"
            "use: %s produce|pipelined|sync|consume|first|transact|pipeline --broker HOST:PORT --topic NAME\n"
            "        [--size BYTES] [--partitions N] [--connections N] [--acks 1|all]\n"
            "        [--messages N] [--seconds S] [--since MONOTONIC_SECONDS] [-X key=value ...]\n"
            "prints one JSON object on stdout\n",
            complaint, program);
    exit(2);
}

static enum mode parse_mode(const char *program, const char *name)
{
    for (size_t i = 0; i < sizeof MODE_NAMES / sizeof *MODE_NAMES; i++)
        if (!strcmp(name, MODE_NAMES[i]))
            return (enum mode)i;
    usage(program, "no such mode");
    abort();
}

static void parse_address(struct options *options, const char *program, char *address)
{
    const char *colon = strrchr(address, ':');
    if (!colon)
        usage(program, "--broker wants HOST:PORT");
    options->address = address;
    options->host = strndup(address, (size_t)(colon - address));
    options->port = atoi(colon + 1);
}

static void check(const struct options *options, const char *program)
{
    if (!options->address || !options->topic)
        usage(program, "--broker and --topic are needed");
    if (options->mode != MODE_FIRST && options->messages <= 0 && options->seconds <= 0)
        usage(program, "--messages or --seconds is needed");
    if (options->mode == MODE_CONSUME && options->messages <= 0)
        usage(program, "consume needs --messages: how many there are");
    if (options->partitions < 1 || options->connections < 1 || options->size < 1)
        usage(program, "--partitions, --connections and --size are at least 1");
}

void options_parse(struct options *options, int argc, char **argv)
{
    static const struct option names[] = {
        {"broker", required_argument, 0, 'b'},      {"topic", required_argument, 0, 't'},
        {"size", required_argument, 0, 's'},        {"partitions", required_argument, 0, 'p'},
        {"connections", required_argument, 0, 'c'}, {"acks", required_argument, 0, 'a'},
        {"messages", required_argument, 0, 'n'},    {"seconds", required_argument, 0, 'd'},
        {"since", required_argument, 0, 'S'},       {0, 0, 0, 0},
    };
    memset(options, 0, sizeof *options);
    options->acks = "all";
    options->size = 100;
    options->partitions = options->connections = 1;
    if (argc < 2)
        usage(argv[0], "a mode is needed");
    options->mode = parse_mode(argv[0], argv[1]);
    for (int letter; (letter = getopt_long(argc - 1, argv + 1, "X:", names, NULL)) != -1;) {
        switch (letter) {
        case 'b': parse_address(options, argv[0], optarg); break;
        case 't': options->topic = optarg; break;
        case 's': options->size = strtoul(optarg, NULL, 10); break;
        case 'p': options->partitions = atoi(optarg); break;
        case 'c': options->connections = atoi(optarg); break;
        case 'a': options->acks = optarg; break;
        case 'n': options->messages = atol(optarg); break;
        case 'd': options->seconds = atof(optarg); break;
        case 'S': options->since = atof(optarg); break;
        case 'X':
            if (options->override_count == MAX_OVERRIDES || !strchr(optarg, '='))
                usage(argv[0], "-X wants key=value, at most 32 times");
            options->overrides[options->override_count++] = optarg;
            break;
        default: usage(argv[0], "unknown option");
        }
    }
    check(options, argv[0]);
}
